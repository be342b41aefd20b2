# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += src/serve/router.c src/serve/router.h
libtricorn_a_SOURCES += \
	src/serve/access_format.c src/serve/access_format.h \
	src/serve/access_format_line.c src/serve/access_format_priv.h \
	src/serve/access_log.c src/serve/access_log.h \
	src/serve/log_escape.c src/serve/log_escape.h \
	src/serve/log_sink.c src/serve/log_sink.h
libtricorn_a_SOURCES += \
	src/serve/compression.c src/serve/compression.h \
	src/serve/filter.c src/serve/filter.h \
	src/serve/filter_gzip.c src/serve/filter_gzip.h
libtricorn_a_SOURCES += \
	src/serve/context.c src/serve/context.h \
	src/serve/exchange.c src/serve/exchange.h \
	src/serve/http1.c src/serve/http1.h \
	src/serve/http1_output.c src/serve/http1_priv.h \
	src/serve/http1_request.c \
	src/serve/route.h
