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
