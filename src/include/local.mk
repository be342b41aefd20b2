# SPDX-License-Identifier: MIT
tricornincludedir = $(includedir)/tricorn
tricorninclude_HEADERS = src/include/tricorn/app.h
