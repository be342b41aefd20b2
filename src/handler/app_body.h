/* SPDX-License-Identifier: MIT */
/*
 * A request body that is kept for an application: in memory up to a limit,
 * then in a temporary file without a name. First in, first out. The caller
 * keeps threads apart.
 */
#ifndef TRICORN_HANDLER_APP_BODY_H
#define TRICORN_HANDLER_APP_BODY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

struct app_body {
	struct buffer memory;
	int fd;            /* -1: no file yet */
	int64_t file_size; /* bytes written to it */
	int64_t file_at;   /* bytes read from it */
};

void app_body_init(struct app_body *body);
void app_body_finish(struct app_body *body);
/*
 * Appends; what is over limit bytes of memory goes to a file in directory.
 * -1 with error when the file can't take it. UINT64_MAX: memory only.
 */
int app_body_append(struct app_body *body, const void *data, size_t size,
    uint64_t limit, const char *directory, struct error *error)
    __attribute__((warn_unused_result));
/* Takes at most size bytes from the front; 0 when empty, -1 when the file
 * can't be read. */
ssize_t app_body_read(struct app_body *body, void *data, size_t size);
bool app_body_empty(const struct app_body *body);

#endif
