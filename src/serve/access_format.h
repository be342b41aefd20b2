/* SPDX-License-Identifier: MIT */
/*
 * Lines of the access log: compiles access_log_format and writes one line an
 * exchange. Where the lines go is access_log.h's business.
 *
 * A format is "common", "combined", "json", or text with atoms. Those of
 * Gunicorn mean the same here:
 *   %(h)s client's address        %(l)s always "-"
 *   %(u)s user of Basic auth      %(t)s [31/Jan/2026:12:00:00 +0000], local
 *                                       time at which the request began
 *   %(r)s request line            %(m)s method
 *   %(U)s path, undecoded         %(q)s query without "?", may be empty
 *   %(H)s "HTTP/1.1"              %(s)s status
 *   %(B)s bytes of the body sent  %(b)s the same, "-" for 0
 *   %(f)s Referer                 %(a)s User-Agent
 *   %(T)s duration in seconds     %(M)s in milliseconds
 *   %(D)s in microseconds         %(L)s in seconds, 0.000123
 *   %(p)s <process id>
 *   %({name}i)s request field     %({name}o)s response field
 *   %({name}e)s CGI variable of the request (REMOTE_ADDR, HTTP_…, …), else
 *               the process's environment variable as it was at the start
 * and tricorn's own:
 *   %(route)s %(pool)s %(app)s %(upstream)s  names in the configuration
 *   %(note)s    why the exchange failed
 *   %(scheme)s  "http"            %(host)s host of the request
 *   %(port)s    client's port
 *   %%          a percent sign
 * A value that is not there is "-".
 *
 * The status of an exchange that ended without an answer is 499 when the
 * client went away, 408 when it was too slow, else 000.
 *
 * No byte from outside can end a line or a quoted value: all but printable
 * ASCII, and '"' and '\' too, is written as \xHH; a space in a user's name
 * as well. In "json" control bytes and all beyond ASCII are \uHHHH, and a
 * byte that is no UTF-8 is the text \xHH.
 */
#ifndef TRICORN_SERVE_ACCESS_FORMAT_H
#define TRICORN_SERVE_ACCESS_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "serve/exchange.h"

/* The smallest limit of a line, in bytes: PIPE_BUF. */
#define ACCESS_FORMAT_LIMIT_MIN 4096

struct access_format;

/*
 * Compiles a format; call it in the process that writes. NULL with a sentence
 * in error for unknown atoms and other mistakes.
 */
struct access_format *access_format_create(const char *format,
    struct error *error) __attribute__((warn_unused_result));
/* Sets *format NULL; accepts NULL. */
void access_format_destroy(struct access_format **format);

/* Whether create would take the format: 0, or -1 with a sentence. */
int access_format_check(const char *format, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Appends the line of an exchange that ended at ended_ns (CLOCK_MONOTONIC)
 * to out, with its newline. If it were longer than limit bytes, long values
 * are cut and end in "...". One thread at a time per format.
 */
void access_format_line(struct access_format *format,
    const struct exchange *exchange, uint64_t ended_ns, size_t limit,
    struct buffer *out);

#endif
