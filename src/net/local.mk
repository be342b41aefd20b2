# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/net/address.c src/net/address.h \
	src/net/listener.c src/net/listener.h
