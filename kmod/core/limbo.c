// SPDX-License-Identifier: GPL-2.0-only
#include "limbo.h"

static void limbo_advance(struct kvc_limbo *l)
{
	if (!l->ready && l->waiting && poll_state_synchronize_rcu(l->cookie)) {
		WRITE_ONCE(l->ready, l->waiting);
		l->waiting = NULL;
	}
	if (!l->waiting && l->filling) {
		l->waiting = l->filling;
		l->filling = NULL;
		l->cookie = start_poll_synchronize_rcu();
	}
}

/**
 * kvc_limbo_reap - take out entries whose grace period is over
 * @l: limbo, whose lock is held
 * @most: no more than this many
 *
 * Return: a chain for kvc_limbo_free(), which needs no lock.
 */
struct kvc_entry *kvc_limbo_reap(struct kvc_limbo *l, unsigned int most)
{
	struct kvc_entry *chain = NULL, *e;

	limbo_advance(l);
	while (most-- && l->ready) {
		e = l->ready;
		WRITE_ONCE(l->ready, e->limbo);
		WRITE_ONCE(l->bytes, l->bytes - kvc_entry_size(e));
		e->limbo = chain;
		chain = e;
	}
	return chain;
}

/**
 * kvc_limbo_free - free a chain that kvc_limbo_reap() gave
 * @chain: may be NULL
 */
void kvc_limbo_free(struct kvc_entry *chain)
{
	struct kvc_entry *e;

	while (chain) {
		e = chain;
		chain = e->limbo;
		kvc_entry_free(e);
	}
}

/**
 * kvc_limbo_drain - free everything
 * @l: limbo, whose entries no reader can hold any more
 */
void kvc_limbo_drain(struct kvc_limbo *l)
{
	kvc_limbo_free(l->filling);
	kvc_limbo_free(l->waiting);
	kvc_limbo_free(l->ready);
	*l = (struct kvc_limbo){};
}
