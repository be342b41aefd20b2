# SPDX-License-Identifier: MIT
# The example applications, and in tests/apps those that only tests want:
# shared objects straight from the compiler. They link against nothing of
# tricorn; their only need is the header.
EXAMPLE_APPS = \
	examples/counter.so \
	examples/echo.so \
	examples/echo_blocking.so \
	examples/events.so \
	examples/hello.so \
	examples/hello_blocking.so \
	examples/late.so \
	examples/offload.so \
	examples/send_file.so \
	examples/sleepy.so \
	examples/sleepy_blocking.so \
	examples/trailers_and_hints.so \
	examples/upload.so
TEST_APPS = \
	tests/apps/broken.so \
	tests/apps/early.so \
	tests/apps/endless.so \
	tests/apps/held.so \
	tests/apps/misbehave.so \
	tests/apps/no_handle.so \
	tests/apps/no_symbol.so \
	tests/apps/refuses_host.so \
	tests/apps/together.so \
	tests/apps/wrong_abi.so
TEST_APPS_WITH_FLAGS = tests/apps/misbehave_evented.so

APP_COMPILE = $(CC) -I$(top_srcdir)/src/include -std=gnu11 $(WARN_CFLAGS) \
	$(SAN_CFLAGS) $(CPPFLAGS) $(CFLAGS) -pthread -shared -fPIC $(LDFLAGS)
SUFFIXES = .so
.c.so:
	@$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(APP_COMPILE) -o $@ $<
$(EXAMPLE_APPS) $(TEST_APPS): $(top_srcdir)/src/include/tricorn/app.h

tests/apps/misbehave_evented.so: $(top_srcdir)/tests/apps/misbehave.c \
		$(top_srcdir)/src/include/tricorn/app.h
	@$(MKDIR_P) $(@D)
	$(AM_V_CCLD)$(APP_COMPILE) -DMISBEHAVE_FLAGS=TRICORN_APP_EVENTED \
		-o $@ $(top_srcdir)/tests/apps/misbehave.c

noinst_DATA = $(EXAMPLE_APPS) $(TEST_APPS) $(TEST_APPS_WITH_FLAGS)
CLEANFILES += $(EXAMPLE_APPS) $(TEST_APPS) $(TEST_APPS_WITH_FLAGS)
EXTRA_DIST += $(EXAMPLE_APPS:.so=.c) $(TEST_APPS:.so=.c)
EXTRA_DIST += \
	examples/demo/tricorn.conf \
	examples/demo/site/async/events.html \
	examples/demo/site/async/index.html \
	examples/demo/site/async/transfer.html \
	examples/demo/site/demo.js \
	examples/demo/site/style.css \
	examples/demo/site/sync/index.html
