/* SPDX-License-Identifier: MIT */
/* The list of what was written, and its places as texts. */
#include "config/document.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct config_document *
config_document_create(const char *directory)
{
	struct config_document *document = xcalloc(1, sizeof(*document));

	document->directory = directory;
	return document;
}

static void
section_destroy(struct config_section *section)
{
	size_t keys = config_section_type(section->kind)->key_count;

	for (size_t i = 0; i < section->entry_count; i++) {
		free(section->entries[i].name);
		free(section->entries[i].value);
	}
	for (size_t i = 0; i < keys; i++)
		config_list_finish(&section->given[i]);
	free(section->entries);
	free(section->given);
	free(section->name);
	free(section);
}

void
config_document_destroy(struct config_document **document)
{
	struct config_document *old = *document;

	*document = NULL;
	if (old == NULL)
		return;
	for (size_t i = 0; i < old->section_count; i++)
		section_destroy(old->sections[i]);
	for (size_t i = 0; i < old->file_count; i++)
		free(old->files[i]);
	free(old->sections);
	free(old->files);
	free(old);
}

const char *
config_document_file(struct config_document *document, const char *name)
{
	size_t count = document->file_count;

	document->files =
	    xreallocarray(document->files, count + 1, sizeof(*document->files));
	document->files[count] = xstrdup(name);
	document->file_count++;
	/* A file's name may hold any byte, a message or a comment may not. */
	for (char *at = document->files[count]; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	return document->files[count];
}

struct config_section *
config_document_add(struct config_document *document, enum config_kind kind,
    const char *name, struct config_origin origin)
{
	struct config_section *section = xcalloc(1, sizeof(*section));
	size_t count = document->section_count;

	section->kind = kind;
	section->name = name ? xstrdup(name) : NULL;
	section->origin = origin;
	section->given = xcalloc(config_section_type(kind)->key_count,
	    sizeof(*section->given));
	document->sections = xreallocarray(document->sections, count + 1,
	    sizeof(struct config_section *));
	document->sections[count] = section;
	document->section_count++;
	return section;
}

struct config_section *
config_document_find(const struct config_document *document,
    enum config_kind kind, const char *name)
{
	for (size_t i = 0; i < document->section_count; i++) {
		struct config_section *section = document->sections[i];

		if (section->kind == kind &&
		    (name == NULL || strcmp(section->name, name) == 0))
			return section;
	}
	return NULL;
}

struct config_section *
config_document_of(const struct config_document *document, const void *object)
{
	for (size_t i = 0; i < document->section_count; i++)
		if (document->sections[i]->object == object)
			return document->sections[i];
	return NULL;
}

void
config_section_add(struct config_section *section, const char *name,
    const char *value, struct config_origin origin, bool continued)
{
	struct config_entry *entry;

	section->entries = xreallocarray(section->entries,
	    section->entry_count + 1, sizeof(*section->entries));
	entry = &section->entries[section->entry_count++];
	entry->name = xstrdup(name);
	entry->value = xstrdup(value);
	entry->origin = origin;
	entry->continued = continued;
}

struct config_list *
config_section_given(const struct config_section *section, const char *name)
{
	const struct config_section_type *type =
	    config_section_type(section->kind);

	for (size_t i = 0; i < type->key_count; i++)
		if (strcmp(type->keys[i].name, name) == 0)
			return &section->given[i];
	assert(!"a key that is not in the table");
	abort();
}

void
config_list_add(struct config_list *list, const char *text, size_t length,
    struct config_origin origin)
{
	list->items =
	    xreallocarray(list->items, list->count + 1, sizeof(*list->items));
	list->origins = xreallocarray(list->origins, list->count + 1,
	    sizeof(*list->origins));
	list->items[list->count] = xstrndup(text, length);
	list->origins[list->count] = origin;
	list->count++;
}

void
config_list_finish(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	free(list->origins);
	*list = (struct config_list){ NULL, NULL, 0 };
}

struct config_place
config_place(struct config_origin origin)
{
	struct config_place place;

	if (origin.line == 0)
		snprintf(place.text, sizeof(place.text), "%s", origin.file);
	else
		snprintf(place.text, sizeof(place.text), "%.160s:%d",
		    origin.file, origin.line);
	return place;
}

struct config_place
config_section_title(const struct config_section *section)
{
	struct config_place title;
	const char *word = config_section_type(section->kind)->word;

	if (section->name == NULL)
		snprintf(title.text, sizeof(title.text), "[%s]", word);
	else
		snprintf(title.text, sizeof(title.text), "[%s %s]", word,
		    section->name);
	return title;
}
