# SPDX-License-Identifier: MIT
# System tests: pytest against the real binary. A new file is added here.
TEST_EXTENSIONS += .py
PY_LOG_COMPILER = $(SHELL) $(srcdir)/tests/system/run
SYSTEM_TESTS = \
	tests/system/test_access_log.py \
	tests/system/test_attacks.py \
	tests/system/test_apps.py \
	tests/system/test_clients.py \
	tests/system/test_compression.py \
	tests/system/test_config_errors.py \
	tests/system/test_error_log.py \
	tests/system/test_files.py \
	tests/system/test_harness.py \
	tests/system/test_http1.py \
	tests/system/test_http1_corpus.py \
	tests/system/test_http1_limits.py \
	tests/system/test_install.py \
	tests/system/test_listeners.py \
	tests/system/test_master.py \
	tests/system/test_redirect_respond.py \
	tests/system/test_threads.py

# Of these, the ones to run under ThreadSanitizer too.
THREAD_SYSTEM_TESTS = \
	tests/system/test_apps.py \
	tests/system/test_master.py \
	tests/system/test_threads.py

TESTS += $(SYSTEM_TESTS)
EXTRA_DIST += $(SYSTEM_TESTS) tests/system/README tests/system/conftest.py \
	tests/system/harness.py tests/system/run
