# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += src/serve/router.c src/serve/router.h
