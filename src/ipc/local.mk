# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/ipc/heritage.h \
	src/ipc/message.c src/ipc/message.h \
	src/ipc/scoreboard.c src/ipc/scoreboard.h
