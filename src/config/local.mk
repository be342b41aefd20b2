# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/config/apply.c src/config/apply.h \
	src/config/build.c src/config/build.h \
	src/config/check.c src/config/check.h \
	src/config/check_address.c \
	src/config/check_match.c \
	src/config/check_names.c \
	src/config/check_routes.c \
	src/config/config.h \
	src/config/document.c src/config/document.h \
	src/config/environment.c src/config/environment.h \
	src/config/include.c src/config/include.h \
	src/config/keys.c src/config/keys.h \
	src/config/load.c \
	src/config/model.h \
	src/config/option_rows.c \
	src/config/options.c src/config/options.h \
	src/config/print.c \
	src/config/reader.c src/config/reader.h \
	src/config/restart.c \
	src/config/suggest.c src/config/suggest.h \
	src/config/value.c src/config/value.h
