# SPDX-License-Identifier: MIT
if HAVE_CHECK
check_PROGRAMS += tests/unit/base/test_arena
TESTS += tests/unit/base/test_arena
tests_unit_base_test_arena_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_arena_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_buffer
TESTS += tests/unit/base/test_buffer
tests_unit_base_test_buffer_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_buffer_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_error
TESTS += tests/unit/base/test_error
tests_unit_base_test_error_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_error_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_list
TESTS += tests/unit/base/test_list
tests_unit_base_test_list_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_list_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_log
TESTS += tests/unit/base/test_log
tests_unit_base_test_log_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_log_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_memory
TESTS += tests/unit/base/test_memory
tests_unit_base_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_memory_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/base/test_str
TESTS += tests/unit/base/test_str
tests_unit_base_test_str_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_base_test_str_LDADD = $(UNIT_LIBS)
endif
