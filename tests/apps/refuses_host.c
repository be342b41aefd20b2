/* SPDX-License-Identifier: MIT */
/* An application that finds every host too old. */
#include <tricorn/app.h>

const tricorn_app *
tricorn_app_v1(const tricorn_host *host)
{
	return NULL;
}
