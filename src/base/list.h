/* SPDX-License-Identifier: MIT */
/*
 * Intrusive doubly linked list. A head is a link that points to itself when
 * the list is empty; a link that is in no list points to itself too.
 */
#ifndef TRICORN_BASE_LIST_H
#define TRICORN_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

/* Initialises a static head. (LIST_HEAD is a macro of libevent's headers.) */
#define LIST_HEAD_INIT(name) \
	{ \
		&(name), &(name) \
	}
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer)-offsetof(type, member)))
#define LIST_FOREACH(link, head) \
	for (struct list *link = (head)->next; link != (head); \
	     link = link->next)
/* The current link may be removed inside the body. */
#define LIST_FOREACH_SAFE(link, after, head) \
	for (struct list *link = (head)->next, *after = link->next; \
	     link != (head); link = after, after = link->next)

static inline void
list_init(struct list *link)
{
	link->next = link->prev = link;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_append(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void
list_prepend(struct list *head, struct list *link)
{
	list_append(head->next, link);
}

/* Harmless on a link that is in no list. */
static inline void
list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = link->prev = link;
}

/* Moves all of from to the end of head; from is empty afterwards. */
static inline void
list_splice(struct list *head, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	list_init(from);
}

#endif
