// SPDX-License-Identifier: GPL-2.0-only
/* The results, as a table while they come in and as JSON at the end */
#include <err.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "report.h"

static json_t *top, *rows, *notes;

static void cpu_model(char *text, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	if (!file)
		err(1, "/proc/cpuinfo");
	snprintf(text, size, "unknown");
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "model name", 10) || !strstr(line, ": "))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%s", strstr(line, ": ") + 2);
		break;
	}
	fclose(file);
}

static void date(char *text, size_t size)
{
	time_t now = time(NULL);

	strftime(text, size, "%Y-%m-%d %H:%M UTC", gmtime(&now));
}

static json_t *checked(json_t *json)
{
	if (!json)
		errx(1, "no memory for the JSON");
	return json;
}

static void print_heading(const struct heading *h, const struct utsname *kernel,
			  const char *cpu, const char *when)
{
	printf("machine   %s\n", h->machine);
	printf("kernel    %s %s\n", kernel->release, kernel->version);
	printf("cpu       %s; the program is bound to CPU %d\n", cpu, h->cpu);
	printf("date      %s\n", when);
	printf("method    %u rounds after one that does not count%s; contenders take turns;\n"
	       "          medians; the ratio is that of the medians, [min .. max] of the rounds;\n"
	       "          seed %u. A goal is what a later version is to reach.\n\n",
	       h->rounds, h->quick ? " (--quick: small and rough)" : "",
	       h->seed);
	printf("%-13s %-34s %-34s %-25s %s\n", "row", "measured", "compared with",
	       "ratio", "goal");
}

void report_begin(const struct heading *h)
{
	char cpu[128], when[64];
	struct utsname kernel;

	if (uname(&kernel))
		err(1, "uname");
	cpu_model(cpu, sizeof(cpu));
	date(when, sizeof(when));
	setvbuf(stdout, NULL, _IOLBF, 0);
	print_heading(h, &kernel, cpu, when);
	rows = checked(json_array());
	notes = checked(json_array());
	top = checked(json_pack("{si ss ss s{ss ss} ss si si sb si so so}",
				"version", 1, "program", "kvc-bench",
				"machine", h->machine,
				"kernel", "release", kernel.release,
				"version", kernel.version,
				"cpu", cpu, "bound_to_cpu", h->cpu,
				"rounds", h->rounds, "quick", h->quick,
				"seed", h->seed, "rows", rows, "notes", notes));
	if (json_object_set_new(top, "date", checked(json_string(when))))
		errx(1, "no memory for the JSON");
}

static struct ratio ratio_of(const struct result *r)
{
	return r->cost ? sample_ratio(r->ours, r->other) :
			 sample_ratio(r->other, r->ours);
}

static bool met(const struct result *r)
{
	switch (r->goal) {
	case GOAL_RATIO_LEAST:
		return ratio_of(r).median >= r->goal_value;
	case GOAL_RATIO_MOST:
		return ratio_of(r).median <= r->goal_value;
	case GOAL_OURS_MOST:
		return sample_median(r->ours) <= r->goal_value;
	default:
		return true;
	}
}

static void goal_text(const struct result *r, char *text, size_t size)
{
	const char *relation = r->goal == GOAL_RATIO_LEAST ? ">=" : "<=";
	const char *unit = r->goal == GOAL_OURS_MOST ? r->unit : "x";

	if (r->goal == GOAL_NONE)
		snprintf(text, size, "none");
	else
		snprintf(text, size, "%s %g%s%s%s", relation, r->goal_value,
			 strcmp(unit, "x") ? " " : "", unit,
			 met(r) ? "" : ": short");
}

static void sample_text(const struct sample *sample, const char *unit,
			char *text, size_t size)
{
	double median = sample_median(sample);

	snprintf(text, size, "%-21s %*.*f %s", sample->name, 8,
		 median < 100 ? 1 : 0, median, unit);
}

static json_t *sample_json(const struct sample *sample)
{
	json_t *values = checked(json_array());
	unsigned int i;

	for (i = 0; i < sample->rounds; i++)
		json_array_append_new(values,
				      checked(json_real(sample->value[i])));
	return checked(json_pack("{ss sf so}", "name", sample->name,
				 "median", sample_median(sample),
				 "rounds", values));
}

static json_t *goal_json(const struct result *r)
{
	char text[64];

	if (r->goal == GOAL_NONE)
		return checked(json_null());
	goal_text(r, text, sizeof(text));
	return checked(json_pack("{ss sf sb}", "text", text,
				 "value", r->goal_value, "met", met(r)));
}

static void add_json(const struct result *r)
{
	struct ratio ratio = ratio_of(r);
	json_t *row;

	row = checked(json_pack("{ss ss ss so so s{ss sf sf sf} so}",
				"row", r->row, "workload", r->what,
				"unit", r->unit, "ours", sample_json(r->ours),
				"other", sample_json(r->other), "ratio",
				"of", r->cost ? "ours/other" : "other/ours",
				"median", ratio.median, "min", ratio.min,
				"max", ratio.max, "goal", goal_json(r)));
	if (json_array_append_new(rows, row))
		errx(1, "no memory for the JSON");
}

void report_row(const struct result *r)
{
	char ours[64], other[64], goal[64], ratio[64];
	struct ratio x = ratio_of(r);

	sample_text(r->ours, r->unit, ours, sizeof(ours));
	sample_text(r->other, r->unit, other, sizeof(other));
	goal_text(r, goal, sizeof(goal));
	snprintf(ratio, sizeof(ratio), "%.2fx [%.2f .. %.2f]", x.median, x.min,
		 x.max);
	printf("%-13s %-34s %-34s %-25s %s\n", r->row, ours, other, ratio,
	       goal);
	add_json(r);
}

void report_note(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("              %s\n", text);
	if (json_array_append_new(notes, checked(json_string(text))))
		errx(1, "no memory for the JSON");
}

void report_end(const char *path)
{
	if (path && json_dump_file(top, path, JSON_INDENT(2)))
		errx(1, "cannot write %s", path);
	json_decref(top);
}
