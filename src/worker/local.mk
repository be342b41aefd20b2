# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/worker/accept.c \
	src/worker/boot.c \
	src/worker/crash.c \
	src/worker/worker.c src/worker/worker.h \
	src/worker/worker_priv.h
