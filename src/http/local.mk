# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/http/character.c src/http/character.h \
	src/http/chunked.c src/http/chunked.h \
	src/http/date.c src/http/date.h \
	src/http/field.c src/http/field.h \
	src/http/field_line.c src/http/field_line.h \
	src/http/framing.c src/http/framing.h \
	src/http/host.c src/http/host.h \
	src/http/parse.h \
	src/http/request.c src/http/request.h \
	src/http/response.c src/http/response.h \
	src/http/scan.h
