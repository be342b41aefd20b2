# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/http/character.c src/http/character.h \
	src/http/chunked.c src/http/chunked.h \
	src/http/coding.c src/http/coding.h \
	src/http/conditional.c src/http/conditional.h \
	src/http/date.c src/http/date.h \
	src/http/field.c src/http/field.h \
	src/http/field_line.c src/http/field_line.h \
	src/http/framing.c src/http/framing.h \
	src/http/host.c src/http/host.h \
	src/http/media_type.c src/http/media_type.h \
	src/http/parse.h \
	src/http/range.c src/http/range.h \
	src/http/request.c src/http/request.h \
	src/http/response.c src/http/response.h \
	src/http/response_head.c src/http/response_head.h \
	src/http/scan.h \
	src/http/uri.c src/http/uri.h
