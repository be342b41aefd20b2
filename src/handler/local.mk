# SPDX-License-Identifier: MIT
libtricorn_a_SOURCES += \
	src/handler/location.c src/handler/location.h \
	src/handler/redirect.c src/handler/redirect.h \
	src/handler/respond.c src/handler/respond.h
libtricorn_a_SOURCES += \
	src/handler/file_cache.c src/handler/file_cache.h \
	src/handler/file_reply.c src/handler/file_reply.h \
	src/handler/file_root.c src/handler/file_root.h \
	src/handler/files.c src/handler/files.h \
	src/handler/freshness.h \
	src/handler/listing.c src/handler/listing.h \
	src/handler/multipart.c src/handler/multipart.h
libtricorn_a_SOURCES += \
	src/handler/app.c src/handler/app.h \
	src/handler/app_body.c src/handler/app_body.h \
	src/handler/app_call.c src/handler/app_call.h \
	src/handler/app_call_priv.h \
	src/handler/app_input.c \
	src/handler/app_response.c \
	src/handler/app_schedule.c \
	src/handler/app_table.c src/handler/app_table.h
