# SPDX-License-Identifier: MIT
dist_man_MANS += man/tricorn-app.3 man/tricorn.8 man/tricorn.conf.5
