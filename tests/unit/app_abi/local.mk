# SPDX-License-Identifier: MIT
FAKE_HOST_LIBS = libtricorn_fake_host.a $(CHECK_LIBS)
if HAVE_CHECK
check_PROGRAMS += \
	tests/unit/app_abi/test_examples \
	tests/unit/app_abi/test_fake_host
TESTS += \
	tests/unit/app_abi/test_examples \
	tests/unit/app_abi/test_fake_host
tests_unit_app_abi_test_examples_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_app_abi_test_examples_LDADD = $(FAKE_HOST_LIBS)
tests_unit_app_abi_test_fake_host_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_app_abi_test_fake_host_LDADD = $(FAKE_HOST_LIBS)
endif
TESTS += tests/unit/app_abi/compatible
EXTRA_DIST += tests/unit/app_abi/compatible tests/unit/app_abi/app-1.0.h \
	tests/unit/app_abi/every_call.c
