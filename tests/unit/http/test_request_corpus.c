/* SPDX-License-Identifier: MIT */
/*
 * Every case of the request corpus through the parser: whole, and cut at
 * every byte. The format of the corpus is told in tests/corpus/README.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "http/request.h"

#define MAX_FIELDS 100
#define MAX_FACTS 16
#define MAX_CASES 2000
#define LONG_CASE 2000 /* bytes; longer ones are not cut at every byte */
#define STRIDE 97

static const struct http_limits limits = {
	.max_head = 16384,
	.max_target = 8192,
	.max_fields = MAX_FIELDS,
};

struct fact {
	char *key;
	struct str value;
};

struct corpus_case {
	char *file, *name, *rule;
	enum http_parse expected;
	int status;
	struct fact facts[MAX_FACTS];
	size_t fact_count;
	struct buffer bytes;
};

static struct corpus_case cases[MAX_CASES];
static size_t case_count;

/* A corpus that can't be read ends the program: it is part of the test. */
static void __attribute__((noreturn))
corpus_error(const char *file, const char *line, const char *reason)
{
	fprintf(stderr, "%s: %s: %s\n", file, line, reason);
	exit(EXIT_FAILURE);
}

static void
append_unescaped(struct buffer *buffer, const char *file, const char *text)
{
	for (; *text != '\0'; text++) {
		char byte = *text;
		unsigned value;

		if (byte == '\\') {
			switch (*++text) {
			case 'r':
				byte = '\r';
				break;
			case 'n':
				byte = '\n';
				break;
			case 't':
				byte = '\t';
				break;
			case '\\':
				break;
			case 'x':
				if (sscanf(text + 1, "%2x", &value) != 1)
					corpus_error(file, text, "bad \\x");
				byte = (char)value;
				text += 2;
				break;
			default:
				corpus_error(file, text, "unknown escape");
			}
		}
		buffer_append(buffer, &byte, 1);
	}
}

static void
read_expectation(struct corpus_case *this, char *text)
{
	if (strcmp(text, "accept") == 0)
		this->expected = HTTP_PARSE_DONE;
	else if (strcmp(text, "more") == 0)
		this->expected = HTTP_PARSE_MORE;
	else if (sscanf(text, "status %d", &this->status) == 1)
		this->expected = HTTP_PARSE_ERROR;
	else
		corpus_error(this->file, text, "unknown expectation");
}

static void
read_fact(struct corpus_case *this, const char *key, const char *text)
{
	struct buffer value = BUFFER_EMPTY;
	struct fact *fact = &this->facts[this->fact_count++];

	if (this->fact_count > MAX_FACTS)
		corpus_error(this->file, text, "too many facts");
	append_unescaped(&value, this->file, text);
	fact->key = xstrdup(key);
	fact->value = buffer_str(&value);
}

static void
read_repeated(struct corpus_case *this, char *text)
{
	char *piece;
	unsigned long count = strtoul(text, &piece, 10);

	if (count == 0 || *piece != ' ')
		corpus_error(this->file, text, "no count");
	while (count-- > 0)
		append_unescaped(&this->bytes, this->file, piece + 1);
}

static void
read_line(const char *file, char *line)
{
	struct corpus_case *this =
	    case_count > 0 ? &cases[case_count - 1] : NULL;
	char *text = strchr(line, ' ');

	if (text != NULL)
		*text++ = '\0';
	else
		text = line + strlen(line);
	if (strcmp(line, "case") == 0) {
		if (case_count == MAX_CASES)
			corpus_error(file, line, "too many cases");
		this = &cases[case_count++];
		this->file = xstrdup(file);
		this->name = xstrdup(text);
	} else if (this == NULL) {
		corpus_error(file, line, "no case");
	} else if (strcmp(line, "rule") == 0) {
		this->rule = xstrdup(text);
	} else if (strcmp(line, "expect") == 0) {
		read_expectation(this, text);
	} else if (strcmp(line, "|") == 0) {
		append_unescaped(&this->bytes, file, text);
	} else if (strcmp(line, "*") == 0) {
		read_repeated(this, text);
	} else {
		read_fact(this, line, text);
	}
}

static void
read_file(const char *file)
{
	char path[1024], *line = NULL;
	size_t room = 0;
	ssize_t length;
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", REQUEST_CORPUS, file);
	stream = fopen(path, "r");
	if (stream == NULL)
		corpus_error(file, path, "cannot be opened");
	while ((length = getline(&line, &room, stream)) >= 0) {
		if (length > 0 && line[length - 1] == '\n')
			line[--length] = '\0';
		if (length > 0 && line[0] != '#')
			read_line(file, line);
	}
	free(line);
	fclose(stream);
}

static int
is_text_file(const struct dirent *entry)
{
	return str_ends(str_of(entry->d_name), STR(".txt"));
}

static void
read_corpus(void)
{
	struct dirent **entries;
	int count = scandir(REQUEST_CORPUS, &entries, is_text_file, alphasort);

	for (int i = 0; i < count; i++) {
		read_file(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

/* Parses a copy of just that many bytes, so that reading beyond shows. */
static enum http_parse
parse_prefix(struct str bytes, struct http_request_head *head,
    struct http_problem *problem, char **copy)
{
	*copy = xmalloc(bytes.length > 0 ? bytes.length : 1);
	memcpy(*copy, bytes.data, bytes.length);
	return http_request_parse(*copy, bytes.length, &limits, head, problem);
}

static struct str
yes_or_no(bool value)
{
	return value ? STR("yes") : STR("no");
}

/* What the head says about a number or a word, as the corpus writes it. */
static struct str
describe(const struct http_request_head *head, struct str bytes,
    const char *key, char room[static 32])
{
	static const char *const forms[] = { "origin", "absolute", "authority",
		"asterisk" };

	if (strcmp(key, "form") == 0)
		return str_of(forms[head->form]);
	if (strcmp(key, "version") == 0)
		return head->version_minor == 0 ? STR("1.0") : STR("1.1");
	if (strcmp(key, "keep-alive") == 0)
		return yes_or_no(head->keep_alive);
	if (strcmp(key, "expect-continue") == 0)
		return yes_or_no(head->expect_continue);
	if (strcmp(key, "upgrade") == 0)
		return yes_or_no(head->upgrade);
	if (strcmp(key, "body") == 0 && head->chunked)
		return STR("chunked");
	if (strcmp(key, "body") == 0 && head->content_length < 0)
		return STR("none");
	if (strcmp(key, "body") == 0)
		snprintf(room, 32, "%lld", (long long)head->content_length);
	else if (strcmp(key, "fields") == 0)
		snprintf(room, 32, "%zu", head->field_count);
	else if (strcmp(key, "rest") == 0)
		snprintf(room, 32, "%zu", bytes.length - head->size);
	else
		ck_abort_msg("unknown fact: %s", key);
	return str_of(room);
}

static bool
has_field(const struct http_request_head *head, struct str expected)
{
	for (size_t i = 0; i < head->field_count; i++) {
		struct str name = head->fields[i].name;
		struct str value = head->fields[i].value;

		if (expected.length == name.length + 1 + value.length &&
		    memcmp(expected.data, name.data, name.length) == 0 &&
		    expected.data[name.length] == ':' &&
		    (value.length == 0 ||
			memcmp(expected.data + name.length + 1, value.data,
			    value.length) == 0))
			return true;
	}
	return false;
}

static void
check_fact(const struct corpus_case *this, const struct http_request_head *head,
    const struct fact *fact)
{
	char room[32];
	struct str got;

	if (strcmp(fact->key, "field") == 0) {
		ck_assert_msg(has_field(head, fact->value), "%s: %s: no %.*s",
		    this->file, this->name, STR_ARG(fact->value));
		return;
	}
	if (strcmp(fact->key, "method") == 0)
		got = head->method;
	else if (strcmp(fact->key, "target") == 0)
		got = head->target;
	else if (strcmp(fact->key, "path") == 0)
		got = head->path;
	else if (strcmp(fact->key, "host") == 0)
		got = head->host;
	else if (strcmp(fact->key, "query") == 0)
		got = head->query;
	else
		got = describe(head, buffer_str(&this->bytes), fact->key, room);
	ck_assert_ptr_nonnull(got.data);
	ck_assert_msg(str_equal(got, fact->value), "%s: %s: %s is %.*s",
	    this->file, this->name, fact->key, STR_ARG(got));
}

START_TEST(whole_cases_are_as_expected)
{
	const struct corpus_case *this = &cases[_i];
	struct http_field fields[MAX_FIELDS];
	struct http_request_head head = { .fields = fields };
	struct http_problem problem = { 0, "none" };
	enum http_parse result;
	char *copy;

	ck_assert_ptr_nonnull(this->rule);
	result = parse_prefix(buffer_str(&this->bytes), &head, &problem, &copy);
	ck_assert_msg(result == this->expected &&
		problem.status == this->status,
	    "%s: %s: result %d, status %d (%s)", this->file, this->name, result,
	    problem.status, problem.reason);
	for (size_t i = 0; i < this->fact_count; i++)
		check_fact(this, &head, &this->facts[i]);
	free(copy);
}
END_TEST

/* Once decided, a result stays; before that more bytes are asked for. */
START_TEST(cut_cases_end_alike)
{
	const struct corpus_case *this = &cases[_i];
	struct str bytes = buffer_str(&this->bytes);
	struct http_field fields[MAX_FIELDS];
	enum http_parse result = HTTP_PARSE_MORE;
	size_t head_size = 0, step = bytes.length > LONG_CASE ? STRIDE : 1;

	for (size_t length = 0; length <= bytes.length; length += step) {
		struct http_request_head head = { .fields = fields };
		struct http_problem problem = { 0, "none" };
		enum http_parse before = result;
		char *copy;

		if (length + LONG_CASE / 2 > bytes.length)
			step = 1;
		result = parse_prefix(str_make(bytes.data, length), &head,
		    &problem, &copy);
		free(copy);
		if (before != HTTP_PARSE_MORE)
			ck_assert_int_eq(result, before);
		if (result == HTTP_PARSE_ERROR)
			ck_assert_int_eq(problem.status, this->status);
		if (result != HTTP_PARSE_DONE)
			continue;
		if (head_size == 0 && step == 1)
			ck_assert_uint_eq(head.size, length);
		head_size = head.size;
	}
	ck_assert_int_eq(result, this->expected);
}
END_TEST

START_TEST(the_corpus_is_there)
{
	ck_assert_uint_ge(case_count, 150);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request corpus");
	TCase *tests = tcase_create("request corpus");
	SRunner *runner;
	int failed;

	read_corpus();
	tcase_add_test(tests, the_corpus_is_there);
	tcase_add_loop_test(tests, whole_cases_are_as_expected, 0,
	    (int)case_count);
	tcase_add_loop_test(tests, cut_cases_end_alike, 0, (int)case_count);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
