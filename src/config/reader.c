/* SPDX-License-Identifier: MIT */
/*
 * Feeds inih and collects what it finds.
 *
 * inih 55 misreads some files in silence: it splits lines that are longer
 * than its buffer, cuts section names (and the names of continued keys) at
 * 49 bytes, merges sections of one name, never tells of a section without
 * keys, ignores what follows a ']', takes an indented key for more of the
 * value above, and cuts inline comments from values but not from
 * continuation lines. So its stream interface is given our own reader:
 * it hands over one line at a time, which has passed the checks below,
 * and behind each section header a marker line that no file can contain.
 * ini_parse_string() for each line would give the same line numbers, but
 * then sections and continuations, inih's own work, had to be done here.
 */
#include "config/reader.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "config/environment.h"
#include "config/include.h"
#include "config/suggest.h"

/* A name that can't stand in a file, since control bytes are refused. */
#define SECTION_MARKER "\001"

struct reader {
	struct config_document *document;
	const struct include *including;
	struct str rest;                /* what inih has not seen yet */
	struct str line;                /* the line inih works on */
	struct config_origin here;      /* and its place */
	struct config_section *section; /* NULL before the first */
	const char *last_key;           /* in the section's entries or table */
	bool marker_due;
	bool continued; /* the line goes on with last_key */
	bool failed;    /* error is set */
	struct error *error;
};

const char *
reader_find_control(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return text + i;
	}
	return NULL;
}

bool
reader_is_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= 40 && name[0] != '.' &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == length;
}

/* Puts the place of the current line behind what error says. */
static int
fail_here(struct reader *reader)
{
	char text[sizeof(reader->error->text)];

	reader->failed = true;
	if (reader->error == NULL)
		return -1;
	memcpy(text, reader->error->text, sizeof(text));
	return error_set(reader->error, "%s: %s",
	    config_place(reader->here).text, text);
}

/* ---- lines on their way to inih ---- */

static int
check_header_line(struct reader *reader, struct str line)
{
	ptrdiff_t end = str_find(line, ']');
	struct str rest;

	if (end < 0)
		return error_set(reader->error,
		    "the section header has no ']'");
	if (end - 1 > READER_SECTION_MAX)
		return error_set(reader->error,
		    "the section header is longer "
		    "than %d bytes; choose a shorter name",
		    READER_SECTION_MAX);
	rest = str_trim(str_make(line.data + end + 1,
	    line.length - (size_t)end - 1));
	if (rest.length > 0 && rest.data[0] != ';')
		return error_set(reader->error,
		    "'%.*s' stands behind the "
		    "section header; write keys on lines of their own",
		    STR_ARG(rest));
	return 0;
}

static int
check_key_line(struct reader *reader, struct str line)
{
	ptrdiff_t equals = str_find(line, '='), colon = str_find(line, ':');

	if (equals == 0)
		return error_set(reader->error, "no key before the '='");
	if (equals < 0 || (colon >= 0 && colon < equals))
		return error_set(reader->error,
		    "'%.*s' is no setting; write "
		    "key = value",
		    STR_ARG(line));
	return 0;
}

/* The checks of a line without its end. */
static int
check_line(struct reader *reader)
{
	struct str line = reader->line, text = str_trim(line);
	const char *control;

	reader->continued = false;
	if (line.length > READER_LINE_MAX)
		return error_set(reader->error,
		    "the line is longer than %d "
		    "bytes; break a list with indented lines, or repeat its "
		    "key",
		    READER_LINE_MAX);
	control = reader_find_control(line.data, line.length);
	if (control != NULL)
		return error_set(reader->error,
		    "control byte 0x%02x in "
		    "column %td; only tabs are allowed",
		    (unsigned char)*control, control - line.data + 1);
	if (text.length == 0 || text.data[0] == ';' || text.data[0] == '#')
		return 0;
	if (text.data != line.data) {
		reader->continued = true;
		if (reader->last_key == NULL)
			return error_set(reader->error,
			    "the line is indented "
			    "but there is no key to continue; begin it in the "
			    "first column");
		return 0;
	}
	if (text.data[0] == '[') {
		reader->marker_due = true;
		return check_header_line(reader, text);
	}
	return check_key_line(reader, text);
}

/* Takes the next line from the rest. */
static void
take_line(struct reader *reader)
{
	ptrdiff_t end = str_find(reader->rest, '\n');
	size_t length = end < 0 ? reader->rest.length : (size_t)end;

	reader->line = str_make(reader->rest.data, length);
	reader->rest.data += length + (end >= 0);
	reader->rest.length -= length + (end >= 0);
	reader->here.line++;
	if (length > 0 && reader->line.data[length - 1] == '\r')
		reader->line.length--;
}

/* An ini_reader: the next line in space, or NULL to end. */
static char *
reader_line_cb(char *space, int size, void *stream)
{
	struct reader *reader = stream;
	struct str line = STR(SECTION_MARKER "=");

	if (reader->failed)
		return NULL;
	if (reader->marker_due) {
		reader->marker_due = false;
	} else {
		if (reader->rest.length == 0)
			return NULL;
		take_line(reader);
		line = reader->line;
		if (check_line(reader) < 0) {
			fail_here(reader);
			return NULL;
		}
	}
	/* inih's buffer as the installed library really made it. */
	if (line.length + 2 > (size_t)size) {
		error_set(reader->error,
		    "the line is longer than the %d bytes "
		    "that inih takes",
		    size - 2);
		fail_here(reader);
		return NULL;
	}
	memcpy(space, line.data, line.length);
	memcpy(space + line.length, "\n", 2);
	return space;
}

/* ---- what inih found ---- */

static int
unknown_section(struct reader *reader, const char *word)
{
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++)
		suggest_offer(&suggest, config_section_type(kind)->word);
	if (suggest.best != NULL)
		return error_set(reader->error,
		    "unknown section [%s]; did "
		    "you mean [%s%s]?",
		    word, suggest.best,
		    strcmp(suggest.best, "server") == 0 ? "" : " NAME");
	return error_set(reader->error,
	    "unknown section [%s]; write [server], "
	    "[listen NAME], [pool NAME], [app NAME], [upstream NAME] or "
	    "[route NAME]",
	    word);
}

/* header is what inih read between the brackets; it is cut up here. */
static int
open_section(struct reader *reader, char *header)
{
	char *word = strtok(header, " \t"), *name = strtok(NULL, " \t");
	struct config_section *other;
	enum config_kind kind;

	if (word == NULL)
		return error_set(reader->error, "the section header is empty");
	kind = config_kind_find(word);
	if (kind == CONFIG_KIND_COUNT)
		return unknown_section(reader, word);
	if (!config_section_type(kind)->named && name != NULL)
		return error_set(reader->error, "[%s] takes no name", word);
	if (config_section_type(kind)->named && name == NULL)
		return error_set(reader->error,
		    "[%s] needs a name; write "
		    "[%s NAME]",
		    word, word);
	if (name != NULL &&
	    (strtok(NULL, " \t") != NULL || !reader_is_name(name)))
		return error_set(reader->error,
		    "a section's name is 1 to 40 "
		    "letters, digits, '_', '-' and '.'");
	other = config_document_find(reader->document, kind, name);
	if (other != NULL)
		return error_set(reader->error,
		    "%s was begun at %s already; "
		    "write it once",
		    config_section_title(other).text,
		    config_place(other->origin).text);
	reader->section =
	    config_document_add(reader->document, kind, name, reader->here);
	reader->last_key = NULL;
	return 0;
}

/* inih 55 leaves the comment of a continuation line in the value. */
static struct str
without_comment(struct str text)
{
	for (size_t i = 1; i < text.length; i++)
		if (text.data[i] == ';' &&
		    (text.data[i - 1] == ' ' || text.data[i - 1] == '\t'))
			return str_trim(str_make(text.data, i));
	return str_trim(text);
}

/* The value with variables replaced; NULL with the reason. */
static char *
finish_value(struct reader *reader, const char *raw)
{
	struct str text = str_of(raw);
	char *value, *trimmed = NULL;

	if (reader->continued)
		text = without_comment(text);
	value = xstrndup(text.data, text.length);
	trimmed = environment_expand(value, reader->error);
	free(value);
	if (trimmed == NULL)
		return NULL;
	text = str_trim(str_of(trimmed));
	value = NULL;
	if (text.length > READER_VALUE_MAX)
		error_set(reader->error, "the value is longer than %d bytes",
		    READER_VALUE_MAX);
	else if (reader_find_control(text.data, text.length) != NULL)
		error_set(reader->error,
		    "a variable of the environment puts "
		    "a control byte into the value");
	else
		value = xstrndup(text.data, text.length);
	free(trimmed);
	return value;
}

static int
take_setting(struct reader *reader, const char *name, const char *value)
{
	struct config_section *section = reader->section;
	bool include = strcmp(name, "include") == 0 &&
	    (section == NULL || section->kind == CONFIG_KIND_SERVER);

	if (include) {
		reader->last_key = "include";
		if (reader->including == NULL)
			return error_set(reader->error,
			    "include is not possible here");
		/* Messages of the included file carry their own place. */
		if (include_pattern(reader->document, value, reader->including,
			reader->here, reader->error) < 0) {
			reader->failed = true;
			return -1;
		}
		return 0;
	}
	if (section == NULL) {
		enum config_kind home = config_key_home(name);
		const char *word = config_section_type(home == CONFIG_KIND_COUNT
			? CONFIG_KIND_SERVER
			: home)
				       ->word;

		return error_set(reader->error,
		    "key '%s' stands before any "
		    "section; write [%s%s] above it",
		    name, word, strcmp(word, "server") == 0 ? "" : " NAME");
	}
	config_section_add(section, name, value, reader->here,
	    reader->continued);
	reader->last_key = section->entries[section->entry_count - 1].name;
	return 0;
}

/* An ini_handler: 1 to go on, 0 to stop. */
static int
reader_found_cb(void *user, const char *header, const char *name,
    const char *raw)
{
	struct reader *reader = user;
	char *text;
	int result;

	if (reader->failed)
		return 0;
	if (strcmp(name, SECTION_MARKER) == 0) {
		text = xstrdup(header);
		result = open_section(reader, text);
		free(text);
	} else {
		text = finish_value(reader, raw);
		/* inih cuts the name of a continued key; ours is whole. */
		if (reader->continued)
			name = reader->last_key;
		result = text ? take_setting(reader, name, text) : -1;
		free(text);
	}
	if (result < 0 && !reader->failed)
		fail_here(reader);
	return result == 0;
}

/* The settings are the library's globals: set them before every use. */
static void
set_up_inih(void)
{
	ini_allow_multiline = true;
	ini_allow_bom = true;
	ini_allow_inline_comments = true;
	ini_allow_no_value = false;
	ini_stop_on_first_error = true;
	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_max_line = READER_LINE_MAX + 3;
	ini_initial_alloc = READER_LINE_MAX + 3;
}

int
reader_read(struct config_document *document, const char *text, size_t length,
    const char *name, const struct include *including, struct error *error)
{
	struct reader reader = { .document = document,
		.including = including,
		.rest = str_make(text, length),
		.error = error };
	int result;

	reader.here.file = config_document_file(document, name);
	if (str_starts(reader.rest, STR("\xef\xbb\xbf"))) {
		reader.rest.data += 3;
		reader.rest.length -= 3;
	}
	set_up_inih();
	result =
	    ini_parse_stream(reader_line_cb, &reader, reader_found_cb, &reader);
	if (reader.failed)
		return -1;
	if (result == 0)
		return 0;
	/* What passed check_line() but not inih: a comment cut it short. */
	if (result > 0)
		error_set(error,
		    "'%.*s' is neither a [section] nor key = "
		    "value",
		    STR_ARG(reader.line));
	else
		error_set(error, "inih ended with error %d", result);
	return fail_here(&reader);
}
