# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/master/backoff.c src/master/backoff.h \
	src/master/child.c \
	src/master/daemon.c src/master/daemon.h \
	src/master/generation.c \
	src/master/listeners.c src/master/listeners.h \
	src/master/master.c src/master/master.h src/master/master_priv.h \
	src/master/notify.c src/master/notify.h \
	src/master/pidfile.c src/master/pidfile.h \
	src/master/pool.c \
	src/master/privileges.c src/master/privileges.h \
	src/master/reaper.c \
	src/master/reload.c \
	src/master/seats.c src/master/seats.h \
	src/master/signals.c \
	src/master/spawn.c \
	src/master/title.c src/master/title.h \
	src/master/watch.c
