/* SPDX-License-Identifier: MIT */
/*
 * Answers with a file that the kernel sends: its bytes never pass through the
 * application. write() and send_file() may be mixed; the client gets all in
 * the order of the calls, here a first line, the file and a last line.
 *
 *	[app licence]
 *	module = ./send_file.so
 *	option.file = /usr/share/common-licenses/GPL-3
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <tricorn/app.h>

static int
load(const tricorn_host *host, const tricorn_config *config, void **app,
    tricorn_string *error)
{
	tricorn_string file = tricorn_option(config, "file", "");
	char *path;

	if (file.length == 0) {
		*error = tricorn_str("option.file must name the file to send");
		return TRICORN_EINVAL;
	}
	path = calloc(1, file.length + 1);
	if (!path)
		return TRICORN_ENOMEM;
	memcpy(path, file.data, file.length);
	*app = path;
	return TRICORN_OK;
}

static void
unload(void *app)
{
	free(app);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char first[] = "--- begin ---\n", last[] = "--- end ---\n";
	tricorn_field type = { TRICORN_LITERAL("Content-Type"),
		TRICORN_LITERAL("text/plain; charset=utf-8") };
	struct stat status;
	int64_t length = sizeof(first) - 1 + sizeof(last) - 1;
	int fd, result;

	fd = open(state, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		if (fd >= 0)
			close(fd);
		return TRICORN_DECLINED; /* 404 */
	}
	result = tricorn_respond(req, 200, &type, 1, length + status.st_size);
	if (result < 0 || tricorn_write(req, first, sizeof(first) - 1, 0) < 0) {
		close(fd);
		return TRICORN_ECLOSED;
	}
	/* From here on fd is the host's, whatever this returns. */
	result = tricorn_send_file(req, fd, 0, status.st_size);
	if (result < 0)
		return result;
	if (tricorn_write(req, last, sizeof(last) - 1, TRICORN_WRITE_END) < 0)
		return TRICORN_ECLOSED;
	return TRICORN_OK;
}

static const tricorn_app send_file = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "send_file", "1.0"),
	.load = load,
	.handle = handle,
	.unload = unload,
};

TRICORN_APP(send_file)
