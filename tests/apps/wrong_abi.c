/* SPDX-License-Identifier: MIT */
/* An application of another major version of the interface: must be refused. */
#include <tricorn/app.h>

static int
handle(tricorn_request *req, void *state, void *thread)
{
	return tricorn_reply(req, 200, "text/plain", "wrong", 5);
}

static const tricorn_app wrong_abi = {
	sizeof(tricorn_app),
	TRICORN_ABI_MAJOR + 98,
	0,
	TRICORN_APP_EVENTED,
	"wrong_abi",
	"1.0",
	.handle = handle,
};

TRICORN_APP(wrong_abi)
