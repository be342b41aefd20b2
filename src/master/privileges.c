/* SPDX-License-Identifier: MIT */
/* Users, limits and the working directory. */
#include "master/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

/* Who to become. */
struct identity {
	const char *user; /* name for initgroups(); NULL: not by user */
	uid_t uid;
	gid_t gid;
};

/* --- limits, umask, directory ------------------------------------------- */

/* 0 raises the soft limit to the hard one. */
static int
limit_files(uint64_t wanted, struct error *error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return error_set(error, "cannot read RLIMIT_NOFILE: %s",
		    strerror(errno));
	if (wanted == 0)
		limit.rlim_cur = limit.rlim_max;
	else {
		limit.rlim_cur = wanted;
		if (limit.rlim_max < wanted || geteuid() == 0)
			limit.rlim_max = wanted;
	}
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return error_set(error,
		    "cannot set limit_nofile to %llu: %s; raise the hard limit "
		    "(ulimit -Hn) or start as root",
		    (unsigned long long)wanted, strerror(errno));
	return 0;
}

static int
limit_core(uint64_t wanted, struct error *error)
{
	struct rlimit limit;

	if (wanted == UINT64_MAX)
		return 0;
	if (getrlimit(RLIMIT_CORE, &limit) != 0)
		return error_set(error, "cannot read RLIMIT_CORE: %s",
		    strerror(errno));
	limit.rlim_cur = wanted;
	if (limit.rlim_max < wanted)
		limit.rlim_max = wanted;
	if (setrlimit(RLIMIT_CORE, &limit) != 0)
		return error_set(error,
		    "cannot set limit_core to %llu: %s; raise the hard limit "
		    "(ulimit -Hc) or start as root",
		    (unsigned long long)wanted, strerror(errno));
	return 0;
}

int
privileges_limit(const struct config_server *server, struct error *error)
{
	if (limit_files(server->limit_nofile, error) != 0 ||
	    limit_core(server->limit_core, error) != 0)
		return -1;
	umask((mode_t)server->umask);
	return 0;
}

int
privileges_enter(const struct config_server *server, struct error *error)
{
	const char *directory = server->chdir;

	if (directory == NULL && server->daemon)
		directory = "/";
	if (directory != NULL && chdir(directory) != 0)
		return error_set(error, "cannot change to directory %s: %s",
		    directory, strerror(errno));
	return 0;
}

/* --- users -------------------------------------------------------------- */

static int
find_user(const char *name, struct identity *identity, struct error *error)
{
	uint64_t number;
	struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (entry == NULL && str_to_u64(str_of(name), &number)) {
		entry = getpwuid((uid_t)number);
		if (entry == NULL) { /* a number needs no entry */
			identity->uid = (uid_t)number;
			identity->gid = (gid_t)number;
			identity->user = NULL;
			return 0;
		}
	}
	if (entry == NULL)
		return error_set(error, "user '%s' does not exist", name);
	identity->uid = entry->pw_uid;
	identity->gid = entry->pw_gid;
	identity->user = entry->pw_name;
	return 0;
}

static int
find_group(const char *name, struct identity *identity, struct error *error)
{
	uint64_t number;
	struct group *entry = getgrnam(name);

	if (entry != NULL)
		identity->gid = entry->gr_gid;
	else if (str_to_u64(str_of(name), &number))
		identity->gid = (gid_t)number;
	else
		return error_set(error, "group '%s' does not exist", name);
	return 0;
}

static int
find_identity(const char *user, const char *group, struct identity *identity,
    struct error *error)
{
	*identity = (struct identity){ NULL, geteuid(), getegid() };
	if (user != NULL && find_user(user, identity, error) != 0)
		return -1;
	if (group != NULL && find_group(group, identity, error) != 0)
		return -1;
	return 0;
}

static int
become(const struct identity *identity, struct error *error)
{
	int groups = identity->user != NULL
	    ? initgroups(identity->user, identity->gid)
	    : setgroups(0, NULL);

	if (groups != 0)
		return error_set(error, "cannot set the groups: %s",
		    strerror(errno));
	if (setresgid(identity->gid, identity->gid, identity->gid) != 0)
		return error_set(error, "cannot become group %u: %s",
		    (unsigned)identity->gid, strerror(errno));
	if (setresuid(identity->uid, identity->uid, identity->uid) != 0)
		return error_set(error, "cannot become user %u: %s",
		    (unsigned)identity->uid, strerror(errno));
	if (identity->uid != 0 && setresuid(0, 0, 0) == 0)
		return error_set(error, "could become root again");
	return 0;
}

int
privileges_drop(const struct config_server *server,
    const struct config_pool *pool, struct error *error)
{
	const char *user = pool->user ? pool->user : server->user;
	const char *group = pool->group ? pool->group : server->group;
	struct identity identity;

	if (find_identity(user, group, &identity, error) != 0)
		return -1;
	if (user != NULL || group != NULL) {
		if (geteuid() == 0) {
			if (become(&identity, error) != 0)
				return -1;
		} else if (identity.uid != geteuid() ||
		    identity.gid != getegid())
			return error_set(error,
			    "cannot become user '%s' group '%s': start as "
			    "root, or leave user and group out",
			    user ? user : "", group ? group : "");
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_set(error, "cannot forbid new privileges: %s",
		    strerror(errno));
	/* Changing the user has switched core dumps off. */
	if (server->limit_core != UINT64_MAX && server->limit_core > 0)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

/*
 * Gives the open file to the server's user. Not through a link: whoever may
 * write to the directory could lay one to a file of root's.
 */
static void
give_away(const struct config_server *server, const char *path, int fd)
{
	struct stat named, opened;
	struct identity identity;

	if (fstat(fd, &opened) != 0 || lstat(path, &named) != 0 ||
	    !S_ISREG(named.st_mode) || named.st_nlink != 1 ||
	    named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
		return;
	if (find_identity(server->user, server->group, &identity, NULL) != 0)
		return; /* the workers fail on it and say so */
	if (fchown(fd, identity.uid, identity.gid) != 0)
		log_warning("cannot give %s to user %u: %s; the workers may "
			    "not open it",
		    path, (unsigned)identity.uid, strerror(errno));
}

void
privileges_share_log(const struct config_server *server)
{
	if (geteuid() == 0 && log_fd() >= 0 && server->error_log[0] == '/' &&
	    (server->user != NULL || server->group != NULL))
		give_away(server, server->error_log, log_fd());
}

void
privileges_share_access_log(const struct config_server *server)
{
	int fd;

	if (geteuid() != 0 || server->access_log[0] != '/' ||
	    (server->user == NULL && server->group == NULL))
		return;
	fd = open(server->access_log,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
		O_NOFOLLOW,
	    0640);
	if (fd < 0)
		return; /* the workers fail on it and say so */
	give_away(server, server->access_log, fd);
	close(fd);
}
