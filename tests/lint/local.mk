# SPDX-License-Identifier: MIT
# Checks of the sources themselves; each takes the root of the tree. Exit 0
# passes, 1 fails, 77 means that a tool is missing.
LINT_TESTS = \
	tests/lint/floors \
	tests/lint/format \
	tests/lint/headers \
	tests/lint/keys_documented \
	tests/lint/listed \
	tests/lint/mandoc \
	tests/lint/options_documented \
	tests/lint/selftest \
	tests/lint/sizes \
	tests/lint/spdx \
	tests/lint/words

TESTS += $(LINT_TESTS)
EXTRA_DIST += $(LINT_TESTS)
