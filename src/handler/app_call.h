/* SPDX-License-Identifier: MIT */
/* The host's side of the application interface. */
#ifndef TRICORN_HANDLER_APP_CALL_H
#define TRICORN_HANDLER_APP_CALL_H

#include <tricorn/app.h>

/* The table that every application gets. */
const tricorn_host *app_call_host_table(void);

#endif
