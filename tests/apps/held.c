/* SPDX-License-Identifier: MIT */
/*
 * One of the workers never gets through its start: load() counts itself with
 * files 1, 2, … in the directory option.counts, and the one that makes file
 * option.hold stays there until it is killed. For system tests.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <tricorn/app.h>
#include <unistd.h>

static int
load(const tricorn_host *host, const tricorn_config *config, void **app,
    tricorn_string *error)
{
	tricorn_string counts = tricorn_option(config, "counts", ".");
	tricorn_string hold = tricorn_option(config, "hold", "0");
	char path[1024], name[16];
	int fd = -1;

	for (int i = 1; fd < 0 && i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		snprintf(path, sizeof(path), "%.*s/%s", (int)counts.length,
		    counts.data, name);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	}
	if (fd < 0)
		return TRICORN_EIO;
	close(fd);
	while (strlen(name) == hold.length &&
	    memcmp(name, hold.data, hold.length) == 0)
		pause();
	return TRICORN_OK;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	return tricorn_reply(req, 200, "text/plain", "here", 4);
}

static const tricorn_app held = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "held", "1.0"),
	.load = load,
	.handle = handle,
};

TRICORN_APP(held)
