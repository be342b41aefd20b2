/* SPDX-License-Identifier: MIT */
/* Variables in values. */
#include "config/environment.h"

#include "loading.h"

static void
check_expands(const char *text, const char *expected)
{
	struct error error = { "" };
	char *value = environment_expand(text, &error);

	ck_assert_msg(value != NULL, "%s: %s", text, error.text);
	ck_assert_str_eq(value, expected);
	free(value);
}

static void
check_fails(const char *text, const char *reason)
{
	struct error error;

	ck_assert_ptr_null(environment_expand(text, &error));
	ck_assert_str_eq(error.text, reason);
}

START_TEST(variables_are_replaced)
{
	setenv("TRICORN_TEST", "value", 1);
	check_expands("${TRICORN_TEST}", "value");
	check_expands("a${TRICORN_TEST}b${TRICORN_TEST}", "avaluebvalue");
	check_expands("", "");
	/* What a variable holds is not looked at again. */
	setenv("TRICORN_TEST", "${HOME} $$", 1);
	check_expands("${TRICORN_TEST}", "${HOME} $$");
}
END_TEST

START_TEST(defaults_stand_in_for_unset_and_empty)
{
	unsetenv("TRICORN_TEST");
	check_expands("${TRICORN_TEST:-8000}", "8000");
	check_expands("${TRICORN_TEST:-}", "");
	check_expands("${TRICORN_TEST:-a:-b c}", "a:-b c");
	setenv("TRICORN_TEST", "", 1);
	check_expands("${TRICORN_TEST:-8000}", "8000");
	check_expands("x${TRICORN_TEST}y", "xy");
	setenv("TRICORN_TEST", "1", 1);
	check_expands("${TRICORN_TEST:-8000}", "1");
}
END_TEST

START_TEST(dollars_and_semicolons_can_be_written)
{
	check_expands("$$", "$");
	check_expands("$${HOME}", "${HOME}");
	check_expands("a $;b", "a ;b");
	check_expands("https://$host$uri", "https://$host$uri");
	check_expands("$", "$");
	check_expands("5 $ net", "5 $ net");
}
END_TEST

START_TEST(mistakes_are_told)
{
	unsetenv("TRICORN_TEST");
	check_fails("${TRICORN_TEST}",
	    "the environment has no variable 'TRICORN_TEST'; set it, or write "
	    "${TRICORN_TEST:-default}");
	check_fails("a${TRICORN_TEST",
	    "'${' has no '}'; write $$ for a dollar before a brace");
	check_fails("${}",
	    "'${}' names no variable; write ${NAME} or ${NAME:-default}, and "
	    "$$ for a dollar");
	check_fails("${1A:-x}",
	    "'${1A:-x}' names no variable; write ${NAME} or "
	    "${NAME:-default}, and $$ for a dollar");
	check_fails("${A-B}",
	    "'${A-B}' names no variable; write ${NAME} or ${NAME:-default}, "
	    "and $$ for a dollar");
}
END_TEST

START_TEST(escaped_texts_expand_to_themselves)
{
	static const char *const texts[] = { "", "$", "$$", "$$$", "${A}", ";",
		"; x", "a ;b", "a; b", "a\t;b ; c", "$;", "$ ;", "$${;", "x$",
		"$host" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *escaped = environment_escape(texts[i]);

		check_expands(escaped, texts[i]);
		/* inih would begin a comment. */
		ck_assert_ptr_null(strstr(escaped, " ;"));
		ck_assert_ptr_null(strstr(escaped, "\t;"));
		ck_assert_int_ne(escaped[0], ';');
		free(escaped);
	}
}
END_TEST

RUN_SUITE("config/environment", variables_are_replaced,
    defaults_stand_in_for_unset_and_empty,
    dollars_and_semicolons_can_be_written, mistakes_are_told,
    escaped_texts_expand_to_themselves)
