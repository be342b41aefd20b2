# SPDX-License-Identifier: MIT
# The fake host: a library for the tests of applications; it knows the public
# header alone and is installed beside it.
lib_LIBRARIES = libtricorn_fake_host.a
libtricorn_fake_host_a_SOURCES = \
	src/fake_host/body.c \
	src/fake_host/fake_host_priv.h \
	src/fake_host/host.c \
	src/fake_host/memory.c \
	src/fake_host/misuse.c \
	src/fake_host/request.c \
	src/fake_host/respond.c \
	src/fake_host/schedule.c \
	src/fake_host/table.c
tricorninclude_HEADERS += src/include/tricorn/fake_host.h
