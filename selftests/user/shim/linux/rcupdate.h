/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_RCUPDATE_H
#define _SHIM_LINUX_RCUPDATE_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <shim/context.h>
#include <asm/barrier.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
unsigned long start_poll_synchronize_rcu(void);
bool poll_state_synchronize_rcu(unsigned long cookie);

#define rcu_read_lock_held()	(shim_task()->readers > 0)

#define rcu_dereference_check(p, c)					\
({									\
	SHIM_CHECK((c) || rcu_read_lock_held(),				\
		   "rcu_dereference(%s) outside of a read section", #p); \
	shim_maybe_yield();						\
	__atomic_load_n(&(p), __ATOMIC_ACQUIRE);			\
})
#define rcu_dereference(p)	rcu_dereference_check(p, false)

#define rcu_dereference_protected(p, c)					\
({									\
	SHIM_CHECK(c, "rcu_dereference_protected(%s): not %s", #p, #c);	\
	READ_ONCE(p);							\
})

#define rcu_assign_pointer(p, v)					\
do {									\
	__atomic_store_n(&(p), v, __ATOMIC_RELEASE);			\
	shim_maybe_yield();						\
} while (0)
#define RCU_INIT_POINTER(p, v)	WRITE_ONCE(p, v)

#endif
