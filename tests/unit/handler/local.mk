# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_file_cache
TESTS += tests/unit/handler/test_file_cache
tests_unit_handler_test_file_cache_SOURCES = tests/unit/handler/test_file_cache.c \
	tests/unit/handler/folder.h
tests_unit_handler_test_file_cache_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_file_cache_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_file_root
TESTS += tests/unit/handler/test_file_root
tests_unit_handler_test_file_root_SOURCES = tests/unit/handler/test_file_root.c \
	tests/unit/handler/folder.h
tests_unit_handler_test_file_root_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_file_root_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_files
TESTS += tests/unit/handler/test_files
tests_unit_handler_test_files_SOURCES = tests/unit/handler/test_files.c \
	tests/unit/handler/folder.h \
	tests/unit/serve/fake_session.c tests/unit/serve/fake_session.h
tests_unit_handler_test_files_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_files_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_listing
TESTS += tests/unit/handler/test_listing
tests_unit_handler_test_listing_SOURCES = tests/unit/handler/test_listing.c \
	tests/unit/handler/folder.h \
	tests/unit/serve/fake_session.c tests/unit/serve/fake_session.h
tests_unit_handler_test_listing_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_listing_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_redirect
TESTS += tests/unit/handler/test_redirect
tests_unit_handler_test_redirect_SOURCES = tests/unit/handler/test_redirect.c \
	tests/unit/serve/fake_session.c tests/unit/serve/fake_session.h
tests_unit_handler_test_redirect_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_redirect_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_respond
TESTS += tests/unit/handler/test_respond
tests_unit_handler_test_respond_SOURCES = tests/unit/handler/test_respond.c \
	tests/unit/serve/fake_session.c tests/unit/serve/fake_session.h
tests_unit_handler_test_respond_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_respond_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_app
TESTS += tests/unit/handler/test_app
tests_unit_handler_test_app_SOURCES = tests/unit/handler/test_app.c \
	tests/unit/handler/app_serving.c tests/unit/handler/app_serving.h
tests_unit_handler_test_app_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_app_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_app_evented
TESTS += tests/unit/handler/test_app_evented
tests_unit_handler_test_app_evented_SOURCES = \
	tests/unit/handler/test_app_evented.c \
	tests/unit/handler/app_serving.c tests/unit/handler/app_serving.h
tests_unit_handler_test_app_evented_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_app_evented_LDADD = $(UNIT_LIBS)
endif
if HAVE_CHECK
check_PROGRAMS += tests/unit/handler/test_app_body
TESTS += tests/unit/handler/test_app_body
tests_unit_handler_test_app_body_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_handler_test_app_body_LDADD = $(UNIT_LIBS)
endif
