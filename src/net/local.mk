# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/net/address.c src/net/address.h \
	src/net/listener.c src/net/listener.h \
	src/net/loop.c src/net/loop.h \
	src/net/stream.c src/net/stream.h \
	src/net/threads.c src/net/threads.h \
	src/net/threads_priv.h src/net/threads_takeover.c
