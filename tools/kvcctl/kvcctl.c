// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl - look after kvcache, the key-value cache in the kernel */
#include <stdio.h>
#include <string.h>

#include <kvcache.h>

#include "command.h"
#include "error.h"
#include "json.h"
#include "kvcctl.h"
#include "output.h"

struct command {
	const char *object;
	const char *verb;	/* NULL: the object is all */
	int (*run)(const struct options *opt, int argc, char **argv);
	int least, most;	/* arguments that are no options; -1: any */
	uint64_t options;
	const char *usage;
};

#define OPT_RANGE \
	(OPT_PREFIX | OPT_FROM | OPT_TO | OPT_AFTER | OPT_KEYS | OPT_LIMIT | \
	 OPT_CODING)

static const struct command commands[] = {
	{ "cache", "create", cmd_cache_create, 1, -1, 0,
	  "NAME limit SIZE [SETTING...]" },
	{ "cache", "destroy", cmd_cache_destroy, 1, 1, OPT_DISCARD,
	  "[--discard-dirty] NAME" },
	{ "cache", "list", cmd_cache_list, 0, 0, 0, "" },
	{ "cache", "show", cmd_cache_show, 1, 1, 0, "NAME" },
	{ "cache", "set", cmd_cache_set, 1, -1, 0, "NAME SETTING..." },
	{ "cache", "clear", cmd_cache_clear, 1, 1, 0, "NAME" },
	{ "cache", "flush", cmd_cache_flush, 1, 1, 0, "NAME" },
	{ "get", NULL, cmd_get, 2, 2, OPT_CODING | OPT_RAW | OPT_STORE,
	  "[--hex|--base64] [--raw] [STORE-OPTION] CACHE KEY" },
	{ "put", NULL, cmd_put, 2, 3,
	  OPT_TTL | OPT_CREATE | OPT_REPLACE | OPT_CAS | OPT_FLAGS |
	  OPT_CODING | OPT_INPUT | OPT_STORE,
	  "[--ttl TTL] [--create|--replace|--cas VERSION] [--flags N]\n"
	  "             [--hex|--base64] [-i FILE] [STORE-OPTION] CACHE KEY [VALUE]" },
	{ "del", NULL, cmd_del, 2, 2, OPT_CAS | OPT_CODING | OPT_STORE,
	  "[--cas VERSION] [--hex|--base64] [STORE-OPTION] CACHE KEY" },
	{ "touch", NULL, cmd_touch, 3, 3, OPT_CODING | OPT_STORE,
	  "[--hex|--base64] [STORE-OPTION] CACHE KEY TTL" },
	{ "scan", NULL, cmd_scan, 1, 1,
	  OPT_RANGE | OPT_STORE,
	  "[--prefix KEY | --from KEY --to KEY] [--after KEY] [--keys]\n"
	  "             [--limit N] [--hex|--base64] [STORE-OPTION] CACHE" },
	{ "load", NULL, cmd_load, 2, 2, OPT_FORMAT | OPT_KEEP_GOING,
	  "[--format tsv|jsonl] [--keep-going] CACHE FILE" },
	{ "dump", NULL, cmd_dump, 1, 2, OPT_FORMAT | OPT_STORE,
	  "[--format tsv|jsonl] [STORE-OPTION] CACHE [FILE]" },
	{ "store", "stats", cmd_store_stats, 0, 0, OPT_SOCKET,
	  "[--socket PATH]" },
	{ "store", "get", cmd_store_get, 2, 2,
	  OPT_CODING | OPT_RAW | OPT_SOCKET,
	  "[--hex|--base64] [--raw] [--socket PATH] CACHE KEY" },
	{ "store", "scan", cmd_store_scan, 1, 1, OPT_RANGE | OPT_SOCKET,
	  "[options of scan] [--socket PATH] CACHE" },
	{ "store", "compact", cmd_store_compact, 1, 1, OPT_SOCKET,
	  "[--socket PATH] CACHE" },
	{ "monitor", NULL, cmd_monitor, 0, -1,
	  OPT_REASON | OPT_PREFIX | OPT_SINCE | OPT_COUNT | OPT_CODING,
	  "[--reason R[,R]] [--prefix KEY] [--since SEQ] [--count N]\n"
	  "             [--hex|--base64] [CACHE...]" },
	{ "events", NULL, cmd_events, 1, 1,
	  OPT_REASON | OPT_PREFIX | OPT_SINCE | OPT_COUNT | OPT_CODING,
	  "[--reason R[,R]] [--prefix KEY] [--since SEQ] [--count N]\n"
	  "             [--hex|--base64] CACHE" },
	{ "purge", NULL, cmd_purge, 0, 2,
	  OPT_PREFIX | OPT_FILE | OPT_REVISION | OPT_CODING | OPT_RING |
	  OPT_RING_PURGE,
	  "[--revision N] [--hex|--base64]\n"
	  "             CACHE KEY | CACHE --prefix KEY | CACHE --from-file FILE\n"
	  "             --ring RING [--cache CACHE] [--source COMMAND]\n"
	  "             [--lifetime TIME] [--dry-run] [--timeout TIME]\n"
	  "             [--placement ketama [--hash HASH]] KEY | --from-file FILE" },
	{ "fence", NULL, cmd_fence, 2, 2, 0, "CACHE TIME|none" },
	{ "ring", "create", cmd_ring_create, 1, -1, 0, "RING [SETTING...]" },
	{ "ring", "destroy", cmd_ring_destroy, 1, 1, 0, "RING" },
	{ "ring", "list", cmd_ring_list, 0, 0, 0, "" },
	{ "ring", "show", cmd_ring_show, 1, 1, OPT_PLACEMENT,
	  "[--placement ketama] RING" },
	{ "ring", "set", cmd_ring_set, 3, -1, 0,
	  "RING [self NODE|none] [SETTING...]" },
	{ "ring", "add", cmd_ring_add, 4, -1, 0,
	  "RING NODE address ADDRESS [SETTING...]" },
	{ "ring", "remove", cmd_ring_remove, 2, 2, 0, "RING NODE" },
	{ "ring", "place", cmd_ring_place, 1, 1, OPT_PLACEMENT,
	  "--placement ketama RING" },
	{ "ring", "route", cmd_ring_route, 2, 2,
	  OPT_PLACEMENT | OPT_HASH | OPT_CODING,
	  "[--placement ketama [--hash HASH]] RING KEY" },
	{ "ring", "dump", cmd_ring_dump, 1, 2, 0, "RING [FILE]" },
	{ "ring", "load", cmd_ring_load, 1, -1, 0, "FILE [NODE-SETTING...]" },
	{ "node", "list", cmd_node_list, 1, 1, 0, "RING" },
	{ "node", "up", cmd_node_up, 2, 2, OPT_CACHE | OPT_TIMEOUT,
	  "[--cache CACHE] [--timeout TIME] RING NODE" },
	{ "node", "down", cmd_node_down, 2, 2, 0, "RING NODE" },
	{ "node", "set", cmd_node_set, 4, -1, 0, "RING NODE SETTING..." },
	{ "node", "report", cmd_node_report, 3, 3, 0,
	  "RING NODE success|failure" },
	{ "deferred", "list", cmd_deferred_list, 1, 2, OPT_CODING,
	  "[--hex|--base64] RING [NODE]" },
	{ "deferred", "drain", cmd_deferred_drain, 2, 2,
	  OPT_CACHE | OPT_TIMEOUT,
	  "[--cache CACHE] [--timeout TIME] RING NODE" },
	{ "heartbeat", NULL, cmd_heartbeat, 0, 0,
	  OPT_RING | OPT_INTERVAL | OPT_COUNT | OPT_TIMEOUT,
	  "[--ring RING] [--interval TIME [--count N]] [--timeout TIME]" },
	{ "stats", NULL, cmd_stats, 1, 1, OPT_INTERVAL | OPT_COUNT,
	  "[--interval TIME [--count N]] CACHE" },
};

#define COMMANDS	ARRAY_SIZE(commands)

static const char settings_help[] =
	"SETTING: limit SIZE, tier SIZE, tier-min SIZE, tier-max SIZE,\n"
	"         policy default|fifo|lru|sieve|s3fifo, owner USER, group GROUP,\n"
	"         mode OCTAL, key-max SIZE, value-max SIZE, window N,\n"
	"         bypass-off N, bypass-on N, grow N, events SIZE, noevents,\n"
	"         log, static, nobypass, noevict (to undo: nostatic, bypass, evict),\n"
	"         writebehind, and with it: memtable SIZE, runs N, flush-ms N\n"
	"         of a ring: mode active|standby, select consistent|hash|load,\n"
	"         points N, threshold N, rise N, validity TIME, defer-max SIZE\n"
	"         of a node: join unknown|empty|founder|serving, weight N,\n"
	"         capacity N, volume N, response N, instances N\n"
	"SIZE:    bytes, or with K, M, G or T; 'auto' for the kernel's choice\n"
	"TTL:     a number with ns, us, ms, s, m, h or d; or 'never'\n"
	"STORE-OPTION, of a write-behind cache: --socket PATH (kvcd's),\n"
	"         --cache-only (do not ask kvcd)\n"
	"Options of every command: -j JSON, -p pretty JSON, -D DEVICE,\n"
	"         -h help, -V version; '--' ends the options.\n"
	"Exit:    0 ok, 1 usage, 2 refused, 3 no such key, 4 no module or kvcd\n";

static void print_help(FILE *out)
{
	size_t i;

	fputs("kvcctl - look after kvcache, the key-value cache in the kernel\n\n",
	      out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "kvcctl %s%s%s %s\n", commands[i].object,
			commands[i].verb ? " " : "",
			commands[i].verb ? commands[i].verb : "",
			commands[i].usage);
	fprintf(out, "\n%s", settings_help);
}

static void print_version(const struct options *opt)
{
	json_t *top;

	if (!opt->json) {
		printf("kvcctl %s\n", KVC_TOOLS_VERSION);
		return;
	}
	top = json_new();
	json_add(top, "kvcctl", json_string(KVC_TOOLS_VERSION));
	json_add_u64(top, "abi_level", KVC_ABI_LEVEL);
	output_json(opt, top);
}

static int print_about(const struct options *opt)
{
	if (opt->version)
		print_version(opt);
	else
		print_help(stdout);
	return STATUS_OK;
}

/* The command that the first words name; *words: how many they are. */
static const struct command *find(int argc, char **argv, int *words)
{
	const struct command *c;

	for (c = commands; c < commands + COMMANDS; c++) {
		if (strcmp(c->object, argv[0]))
			continue;
		*words = c->verb ? 2 : 1;
		if (!c->verb || (argc > 1 && !strcmp(c->verb, argv[1])))
			return c;
	}
	return NULL;
}

/* "create, destroy, list" */
static void list_verbs(const char *object, char *text, size_t len)
{
	const struct command *c;
	size_t at = 0;

	text[0] = '\0';
	for (c = commands; c < commands + COMMANDS && at < len; c++) {
		if (c->verb && !strcmp(c->object, object))
			at += snprintf(text + at, len - at, "%s%s",
				       at ? ", " : "", c->verb);
	}
}

static int unknown(int argc, char **argv)
{
	char verbs[256];

	list_verbs(argv[0], verbs, sizeof(verbs));
	if (verbs[0] && argc > 1)
		return bad_usage("there is no command '%s %s'", argv[0],
				 argv[1]);
	if (verbs[0])
		return bad_usage("'%s' needs one of %s", argv[0], verbs);
	return bad_usage("there is no command '%s'", argv[0]);
}

static int wrong_count(const struct command *c)
{
	return bad_usage("wrong number of arguments; usage: kvcctl %s%s%s %s",
			 c->object, c->verb ? " " : "", c->verb ? c->verb : "",
			 c->usage);
}

static int run_command(struct options *opt, int argc, char **argv)
{
	const struct command *c;
	int words, first, status;

	c = find(argc, argv, &words);
	if (!c)
		return unknown(argc, argv);
	/* getopt() takes argv[0] for the program: leave it the last word. */
	argv += words - 1;
	argc -= words - 1;
	status = options_parse(opt, argc, argv, false, c->options, &first);
	if (status)
		return status;
	if (opt->help || opt->version)
		return print_about(opt);
	argv += first;
	argc -= first;
	if (argc < c->least || (c->most >= 0 && argc > c->most))
		return wrong_count(c);
	return c->run(opt, argc, argv);
}

static int dispatch(struct options *opt, int argc, char **argv)
{
	int first, status;

	status = options_parse(opt, argc, argv, true, 0, &first);
	if (status)
		return status;
	if (first < argc && !strcmp(argv[first], "help"))
		opt->help = true;
	if (opt->help || opt->version)
		return print_about(opt);
	if (first == argc) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	return run_command(opt, argc - first, argv + first);
}

int kvcctl_run(int argc, char **argv)
{
	struct options opt = { .device = KVC_DEVICE_PATH };
	int status, flushed;

	error_set_json(false);
	status = dispatch(&opt, argc, argv);
	flushed = output_flush(stdout, "the output");
	return status ? status : flushed;
}
