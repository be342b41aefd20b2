/* SPDX-License-Identifier: MIT */
/* The functions of the host's table, by the file they are in. */
#ifndef TRICORN_HANDLER_APP_TABLE_H
#define TRICORN_HANDLER_APP_TABLE_H

#include <tricorn/app.h>

/* app_response.c */
int app_table_inform(tricorn_request *call, int status,
    const tricorn_field *fields, size_t count);
int app_table_respond(tricorn_request *call, int status,
    const tricorn_field *fields, size_t count, int64_t length);
int64_t app_table_write(tricorn_request *call, const void *data, size_t size,
    uint32_t flags);
int app_table_on_writable(tricorn_request *call, tricorn_fn fn, void *arg);
int app_table_send_file(tricorn_request *call, int fd, int64_t offset,
    int64_t length);
int app_table_finish(tricorn_request *call, const tricorn_field *trailers,
    size_t count);
void app_table_abort(tricorn_request *call);

/* app_input.c */
int64_t app_table_read(tricorn_request *call, void *data, size_t size);
int app_table_read_async(tricorn_request *call,
    const tricorn_body_callbacks *callbacks, void *arg, size_t credit);
void app_table_credit(tricorn_request *call, size_t size);

/* app_schedule.c */
struct event_base *app_table_event_base(tricorn_worker *worker);
int app_table_post(tricorn_worker *worker, tricorn_fn fn, void *arg);
int app_table_offload(tricorn_worker *worker, tricorn_fn work, tricorn_fn done,
    void *arg);
int app_table_timer(tricorn_worker *worker, uint32_t ms, tricorn_fn fn,
    void *arg, uint64_t *id);
void app_table_cancel_timer(tricorn_worker *worker, uint64_t id);
/* Frees all timers of a worker that ends. */
void app_timers_destroy(tricorn_worker *worker);

#endif
