# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/handler/location.c src/handler/location.h \
	src/handler/redirect.c src/handler/redirect.h \
	src/handler/respond.c src/handler/respond.h
