/* SPDX-License-Identifier: MIT */
/* Checks of the server, listeners, pools and upstreams; warnings. */
#include "config/check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/value.h"

int
check_fail(struct error *error, const struct config_section *section,
    const char *key, struct config_origin origin, const char *format, ...)
{
	char reason[sizeof(error->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return error_set(error, "%s%s%s at %s: %.800s", key ? key : "",
	    key ? " in " : "", config_section_title(section).text,
	    config_place(origin).text, reason);
}

struct config_origin
check_origin(const struct config_section *section, const char *key)
{
	const struct config_list *given = config_section_given(section, key);

	return given->count > 0 ? given->origins[0] : section->origin;
}

static struct config_section *
section_of(const struct config *config, const void *object)
{
	return config_document_of(config->origins, object);
}

/* ---- users and directories ---- */

static int
check_account(const struct config_section *section, const char *user,
    const char *group, struct error *error)
{
	uint64_t number;

	if (user != NULL && !value_parse_number(user, &number) &&
	    getpwnam(user) == NULL)
		return check_fail(error, section, "user",
		    check_origin(section, "user"),
		    "this machine has no user '%.100s'", user);
	if (group != NULL && !value_parse_number(group, &number) &&
	    getgrnam(group) == NULL)
		return check_fail(error, section, "group",
		    check_origin(section, "group"),
		    "this machine has no group '%.100s'", group);
	return 0;
}

static int
check_directory(const struct config_section *section, const char *key,
    const char *path, int rights, struct error *error)
{
	struct stat status;
	int result = path != NULL ? stat(path, &status) : 0;

	if (path == NULL)
		return 0;
	if (result == 0 && !S_ISDIR(status.st_mode)) {
		errno = ENOTDIR;
		result = -1;
	} else if (result == 0) {
		result = access(path, rights);
	}
	if (result < 0)
		return check_fail(error, section, key,
		    check_origin(section, key), "%.400s: %s", path,
		    errno == ENOENT ? "no such directory" : strerror(errno));
	return 0;
}

static int
check_server(const struct config *config, struct error *error)
{
	const struct config_server *server = &config->server;
	struct config_section *section = section_of(config, server);

	if (check_account(section, server->user, server->group, error) < 0 ||
	    check_directory(section, "chdir", server->chdir, X_OK, error) < 0)
		return -1;
	return check_directory(section, "temp_dir", server->temp_dir,
	    W_OK | X_OK, error);
}

/* ---- listeners ---- */

static int
check_address_once(const struct config *config, size_t index, size_t item,
    struct error *error)
{
	const struct config_listen *listen = config->listens[index];
	const char *address = listen->addresses.items[item];

	for (size_t i = 0; i <= index; i++) {
		const struct config_listen *other = config->listens[i];
		size_t count = i == index ? item : other->addresses.count;

		for (size_t j = 0; j < count; j++)
			if (check_address_same(address,
				other->addresses.items[j]))
				return check_fail(error,
				    section_of(config, listen), "address",
				    listen->addresses.origins[item],
				    "'%s' belongs to [listen %s] at %s "
				    "already",
				    address, other->name,
				    config_place(other->addresses.origins[j])
					.text);
	}
	return 0;
}

static int
check_listeners(struct config *config, struct error *error)
{
	const struct config_document *document = config->origins;
	struct error reason;

	for (size_t i = 0; i < config->listen_count; i++) {
		struct config_listen *listen = config->listens[i];
		struct config_section *section = section_of(config, listen);
		struct config_list *addresses = &listen->addresses;

		if (addresses->count == 0)
			return check_fail(error, section, NULL, listen->origin,
			    "the listener has no address; add address = "
			    "127.0.0.1:8000");
		for (size_t j = 0; j < addresses->count; j++) {
			if (check_address(&addresses->items[j], false,
				document->directory, &reason) < 0)
				return check_fail(error, section, "address",
				    addresses->origins[j], "%s", reason.text);
			if (check_address_once(config, i, j, error) < 0)
				return -1;
		}
	}
	return 0;
}

/* Connections to a listener without a pool would wait for ever. */
static int
check_listeners_used(const struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->listen_count; i++) {
		bool used = false;

		for (size_t j = 0; j < config->pool_count; j++)
			for (size_t k = 0; k < config->pools[j]->listener_count;
			     k++)
				used |= config->pools[j]->listeners[k] ==
				    config->listens[i];
		if (!used)
			return check_fail(error,
			    section_of(config, config->listens[i]), NULL,
			    config->listens[i]->origin,
			    "no pool accepts on this listener; add listen = "
			    "%s to a [pool NAME]",
			    config->listens[i]->name);
	}
	return 0;
}

/* ---- pools ---- */

static int
check_pool(const struct config *config, const struct config_pool *pool,
    struct error *error)
{
	struct config_section *section = section_of(config, pool);

	if (check_account(section, pool->user, pool->group, error) < 0)
		return -1;
	if (pool->max_target + 16 > pool->max_head &&
	    config_section_given(section, "max_target")->count > 0)
		return check_fail(error, section, "max_target",
		    check_origin(section, "max_target"),
		    "%ju bytes of target do not fit into a head of %ju; raise "
		    "max_head",
		    (uintmax_t)pool->max_target, (uintmax_t)pool->max_head);
	if (pool->max_requests_jitter > 0 && pool->max_requests == 0)
		return check_fail(error, section, "max_requests_jitter",
		    check_origin(section, "max_requests_jitter"),
		    "without max_requests it has no effect; set both");
	return 0;
}

/* ---- upstreams ---- */

static int
check_server_options(const struct config_section *section,
    struct config_origin origin, struct str rest, struct error *error)
{
	while (rest.length > 0) {
		ptrdiff_t end = str_find(rest, ' ');
		struct str word =
		    str_make(rest.data, end < 0 ? rest.length : (size_t)end);
		uint64_t weight;

		if (!str_starts(word, STR("weight=")) ||
		    !str_to_u64(str_make(word.data + 7, word.length - 7),
			&weight) ||
		    weight < 1 || weight > 1000)
			return check_fail(error, section, "server", origin,
			    "'%.*s' is no option of a server; write weight=1 "
			    "to weight=1000",
			    (int)(word.length > 100 ? 100 : word.length),
			    word.data);
		rest = str_trim(str_make(word.data + word.length,
		    rest.length - word.length));
	}
	return 0;
}

static int
check_upstream(const struct config *config,
    const struct config_upstream *upstream, struct error *error)
{
	const struct config_document *document = config->origins;
	struct config_section *section = section_of(config, upstream);
	const struct config_list *servers = &upstream->servers;

	if (servers->count == 0)
		return check_fail(error, section, NULL, upstream->origin,
		    "the upstream has no server; add server = host:port");
	for (size_t i = 0; i < servers->count; i++) {
		size_t length = strcspn(servers->items[i], " \t");
		struct config_list address = { NULL, NULL, 0 };
		struct error reason;
		int result;

		config_list_add(&address, servers->items[i], length,
		    servers->origins[i]);
		result = check_address(&address.items[0], true,
		    document->directory, &reason);
		config_list_finish(&address);
		if (result < 0)
			return check_fail(error, section, "server",
			    servers->origins[i], "%s", reason.text);
		if (check_server_options(section, servers->origins[i],
			str_trim(str_of(servers->items[i] + length)),
			error) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

int
check_config(struct config *config, struct error *error)
{
	if (check_server(config, error) < 0 ||
	    check_listeners(config, error) < 0 ||
	    check_names(config, error) < 0)
		return -1;
	for (size_t i = 0; i < config->pool_count; i++)
		if (check_pool(config, config->pools[i], error) < 0)
			return -1;
	for (size_t i = 0; i < config->upstream_count; i++)
		if (check_upstream(config, config->upstreams[i], error) < 0)
			return -1;
	if (check_routes(config, error) < 0)
		return -1;
	return check_listeners_used(config, error);
}

static void
warn_about_account(const struct config_section *section, const char *key,
    const char *name)
{
	if (name == NULL || geteuid() == 0)
		return;
	log_warning("%s = %s in %s at %s has no effect: only root can change "
		    "it, and tricorn was not started as root",
	    key, name, config_section_title(section).text,
	    config_place(check_origin(section, key)).text);
}

static void
warn_about_pool(const struct config *config, const struct config_pool *pool)
{
	struct config_section *section = section_of(config, pool);
	bool used = pool->listener_count > 0;

	warn_about_account(section, "user", pool->user);
	warn_about_account(section, "group", pool->group);
	if (!used)
		log_warning("[pool %s] at %s accepts on no listener: its "
			    "workers will have nothing to do; add listen = "
			    "NAME",
		    pool->name, config_place(pool->origin).text);
	if (pool->timeout > 0 && pool->timeout < 1000)
		log_warning("timeout in [pool %s] at %s is below a second: "
			    "busy workers will be replaced",
		    pool->name,
		    config_place(check_origin(section, "timeout")).text);
}

void
check_warn(const struct config *config)
{
	struct config_section *section = section_of(config, &config->server);

	warn_about_account(section, "user", config->server.user);
	warn_about_account(section, "group", config->server.group);
	for (size_t i = 0; i < config->pool_count; i++)
		warn_about_pool(config, config->pools[i]);
	for (size_t i = 0; i < config->app_count; i++) {
		const struct config_app *app = config->apps[i];
		bool used = false;

		for (size_t j = 0; j < config->route_count; j++)
			used |= config->routes[j]->app == app;
		if (!used)
			log_warning("[app %s] at %s is served by no route; "
				    "add app = %s to a [route NAME]",
			    app->name, config_place(app->origin).text,
			    app->name);
	}
}
