/* SPDX-License-Identifier: MIT */
/* A shared object that is no application: it lacks tricorn_app_v1. */
extern const int tricorn_nothing;
const int tricorn_nothing = 0;
