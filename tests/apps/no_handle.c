/* SPDX-License-Identifier: MIT */
/* An application without the one function that it must have. */
#include <tricorn/app.h>

static const tricorn_app no_handle = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED, "no_handle", "1.0"),
	.handle = NULL,
};

TRICORN_APP(no_handle)
