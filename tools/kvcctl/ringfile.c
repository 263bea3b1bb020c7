// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcctl ring dump, ring load: a ring as lines of words
 *
 *	ring NAME SETTING...
 *	node NAME SETTING...
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "command.h"
#include "control.h"
#include "error.h"
#include "output.h"
#include "ring.h"
#include "ringwords.h"

#define WORDS_MOST	64
#define BLANKS		" \t\n"

/* The words that words_print() has in lines, in one. */
static void print_words(FILE *out, const struct words *words, const void *from)
{
	const struct word *w;
	const char *at;

	for (w = words->word; w < words->word + words->count; w++) {
		at = (const char *)from + w->field;
		if (!w->json)
			continue;
		fprintf(out, " %s ", w->name);
		if (w->kind == KIND_TEXT)
			fputs(at, out);
		else if (w->kind == KIND_CHOICE)
			fputs(choice_text(w->choices, *(const uint32_t *)at),
			      out);
		else if (w->kind == KIND_TIME)
			fprintf(out, "%" PRIu64 "ns", *(const uint64_t *)at);
		else if (w->kind == KIND_NUMBER64 || w->kind == KIND_SIZE64)
			fprintf(out, "%" PRIu64, *(const uint64_t *)at);
		else
			fprintf(out, "%" PRIu32, *(const uint32_t *)at);
	}
	fputc('\n', out);
}

static void dump(FILE *out, const struct kvc_ring *ring,
		 const struct kvc_node *nodes, size_t count)
{
	size_t i;

	fprintf(out, "ring %s", ring->name);
	print_words(out, &ring_words, ring);
	for (i = 0; i < count; i++) {
		fprintf(out, "node %s", nodes[i].name);
		print_words(out, &node_words, &nodes[i]);
	}
}

static int dump_to(const char *name, const struct kvc_ring *ring,
		   const struct kvc_node *nodes, size_t count)
{
	FILE *file;
	int status;

	if (!name || !strcmp(name, "-")) {
		dump(stdout, ring, nodes, count);
		return STATUS_OK;
	}
	file = fopen(name, "we");
	if (!file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot write %s: %s",
			    name, strerror(errno));
	dump(file, ring, nodes, count);
	status = output_flush(file, name);
	if (fclose(file) && !status)
		status = fail(STATUS_REFUSED, errno, NULL,
			      "cannot write %s: %s", name, strerror(errno));
	return status;
}

int cmd_ring_dump(const struct options *opt, int argc, char **argv)
{
	struct kvc_node *nodes = NULL;
	struct kvc_ring ring;
	struct kvc_ctl *ctl;
	size_t count;
	int status, ret;

	(void)opt;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_ring_get(ctl, argv[0], &ring);
	if (ret)
		status = ring_failed(ctl, "ring dump", argv[0], ret);
	if (!status)
		status = node_all(ctl, argv[0], &nodes, &count);
	if (!status)
		status = dump_to(argc > 1 ? argv[1] : NULL, &ring, nodes, count);
	free(nodes);
	kvc_ctl_close(ctl);
	return status;
}

/* A load that is under way: further words are for every node. */
struct load {
	struct kvc_ctl *ctl;
	const char *file;
	unsigned long line;
	struct kvc_ring ring;
	struct kvc_node *nodes;		/* of the ring, not added yet */
	size_t count;
	int argc;
	char **argv;
};

/* All at once, so that the ring is made anew but a few times. */
static int add_nodes(struct load *load)
{
	int ret = kvc_node_add_all(load->ctl, load->ring.name, load->nodes,
				   load->count);

	load->count = 0;
	return ret ? ring_failed(load->ctl, "ring add", load->ring.name, ret) :
		     STATUS_OK;
}

static int load_ring(struct load *load, int argc, char **argv)
{
	uint64_t given = 0;
	int status = add_nodes(load), ret;

	if (status)
		return status;
	load->ring = (struct kvc_ring){ 0 };
	status = take_name(load->ring.name, "ring", argv[0]);
	if (!status)
		status = words_parse(&ring_words, argc - 1, argv + 1,
				     &load->ring, &given, false);
	if (status)
		return status;
	ret = kvc_ring_create(load->ctl, &load->ring);
	return ret ? ring_failed(load->ctl, "ring create", load->ring.name,
				 ret) : STATUS_OK;
}

static int load_node(struct load *load, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	uint64_t given = 0;
	int status;

	if (!load->ring.name[0])
		return bad_usage("%s:%lu: a node before its ring", load->file,
				 load->line);
	status = take_name(node.name, "node", argv[0]);
	if (!status)
		status = words_parse(&node_words, argc - 1, argv + 1, &node,
				     &given, false);
	if (!status)
		status = words_parse(&node_words, load->argc, load->argv, &node,
				     &given, false);
	if (status)
		return status;
	load->nodes = xrealloc(load->nodes,
			       (load->count + 1) * sizeof(*load->nodes));
	load->nodes[load->count++] = node;
	return STATUS_OK;
}

static int load_line(struct load *load, char *line)
{
	char *argv[WORDS_MOST];
	int argc = 0;

	for (argv[argc] = strtok(line, BLANKS); argv[argc];
	     argv[argc] = strtok(NULL, BLANKS)) {
		if (++argc == WORDS_MOST)
			return bad_usage("%s:%lu: too many words", load->file,
					 load->line);
	}
	if (!argc || argv[0][0] == '#')
		return STATUS_OK;
	if (argc > 1 && !strcmp(argv[0], "ring"))
		return load_ring(load, argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[0], "node"))
		return load_node(load, argc - 1, argv + 1);
	return bad_usage("%s:%lu: neither a ring nor a node: %s", load->file,
			 load->line, argv[0]);
}

static int load_file(struct load *load, FILE *file)
{
	char *line = NULL;
	size_t room = 0;
	int status = STATUS_OK;

	while (!status && getline(&line, &room, file) > 0) {
		load->line++;
		status = load_line(load, line);
	}
	free(line);
	if (!status && ferror(file))
		status = fail(STATUS_REFUSED, EIO, NULL, "cannot read %s",
			      load->file);
	if (!status)
		status = add_nodes(load);
	free(load->nodes);
	return status;
}

int cmd_ring_load(const struct options *opt, int argc, char **argv)
{
	struct load load = {
		.file = argv[0], .argc = argc - 1, .argv = argv + 1,
	};
	bool standard = !strcmp(argv[0], "-");
	FILE *file;
	int status;

	(void)opt;
	file = standard ? stdin : fopen(argv[0], "re");
	if (!file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot read %s: %s",
			    argv[0], strerror(errno));
	status = control_open(&load.ctl);
	if (!status) {
		status = load_file(&load, file);
		kvc_ctl_close(load.ctl);
	}
	if (!standard)
		fclose(file);
	return status;
}
