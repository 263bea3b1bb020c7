# SPDX-License-Identifier: GPL-2.0-only
# bash completion for kvcctl

_kvcctl_caches()
{
	kvcctl cache list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_kvcctl_rings()
{
	kvcctl ring list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_kvcctl_nodes()
{
	kvcctl node list "$1" 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_kvcctl_options()
{
	case $1 in
	cache)	echo "--discard-dirty" ;;
	get)	echo "--hex --base64 --raw --socket --cache-only" ;;
	put)	echo "--ttl --create --replace --cas --flags --hex --base64 --input
			--socket --cache-only" ;;
	del)	echo "--cas --hex --base64 --socket --cache-only" ;;
	touch)	echo "--hex --base64 --socket --cache-only" ;;
	scan)	echo "--prefix --from --to --after --keys --limit --hex --base64
			--socket --cache-only" ;;
	load)	echo "--format --keep-going" ;;
	dump)	echo "--format --socket --cache-only" ;;
	store)	echo "--socket --hex --base64 --raw --prefix --from --to --after
			--keys --limit" ;;
	stats)	echo "--interval --count" ;;
	monitor|events)
		echo "--reason --prefix --since --count --hex --base64" ;;
	purge)	echo "--prefix --from-file --revision --hex --base64 --ring
			--cache --source --lifetime --dry-run --placement
			--hash --timeout" ;;
	ring)	echo "--placement --hash --hex --base64" ;;
	node)	echo "--cache --timeout" ;;
	deferred)
		echo "--cache --timeout --hex --base64" ;;
	heartbeat)
		echo "--ring --interval --count --timeout" ;;
	esac
	echo "--json --pretty --device --help --version"
}

# The arguments of the last word, where only some can stand; 1: any can.
_kvcctl_argument()
{
	case $1 in
	--format)	echo "tsv jsonl" ;;
	--reason)	echo "updated deleted expired evicted purged fenced" ;;
	--placement)	echo "ketama" ;;
	--hash)		echo "fnv1a_64 fnv1a_32 md5 crc32 crc32a one_at_a_time" ;;
	--ring)		_kvcctl_rings ;;
	--cache)	_kvcctl_caches ;;
	join)		echo "unknown empty founder serving" ;;
	select)		echo "consistent hash load" ;;
	mode)
		[[ ${words[0]-} == ring ]] || return 1
		echo "active standby" ;;
	policy)		echo "default fifo lru sieve s3fifo" ;;
	owner)		compgen -u ;;
	group)		compgen -g ;;
	*)		return 1 ;;
	esac
}

_kvcctl_settings()
{
	echo "limit tier tier-min tier-max owner group mode window bypass-off
		bypass-on grow log static nobypass noevict nostatic bypass evict
		memtable runs flush-ms"
	if [[ $1 == create ]]; then
		echo "policy key-max value-max events noevents writebehind"
	fi
}

# The words so far that are no options, without the program's name.
_kvcctl_words()
{
	local i word

	words=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-D|--device|-i|--input|--ttl|--cas|--flags|--prefix|--from|--to|\
		--after|--limit|--format|--interval|--count|--reason|--since|\
		--from-file|--revision|--ring|--cache|--source|--lifetime|\
		--placement|--hash|--timeout|--socket)
			((i++)) ;;
		-*)	;;
		*)	words+=("$word") ;;
		esac
	done
}

_kvcctl_cache()
{
	case ${#words[@]},${words[1]-} in
	1,*)
		echo "create destroy list show set clear flush" ;;
	2,destroy|2,show|2,set|2,clear|2,flush)
		_kvcctl_caches ;;
	2,*)
		;;
	*,create|*,set)
		_kvcctl_settings "${words[1]}" ;;
	esac
}

_kvcctl_ring()
{
	case ${#words[@]},${words[1]-} in
	1,*)
		echo "create destroy list show set add remove place route dump
			load" ;;
	2,create|2,list|2,load)
		;;
	2,*)
		_kvcctl_rings ;;
	3,remove)
		_kvcctl_nodes "${words[2]}" ;;
	*,create|*,set)
		echo "mode select points threshold rise validity defer-max self" ;;
	*,add)
		echo "address join weight capacity volume response
			instances" ;;
	esac
}

_kvcctl_node()
{
	case ${#words[@]},${words[1]-} in
	1,*)
		echo "list up down set report" ;;
	2,*)
		_kvcctl_rings ;;
	3,list)
		;;
	3,*)
		_kvcctl_nodes "${words[2]}" ;;
	*,set)
		echo "weight capacity volume response instances" ;;
	4,report)
		echo "success failure" ;;
	esac
}

_kvcctl_deferred()
{
	case ${#words[@]} in
	1)	echo "list drain" ;;
	2)	_kvcctl_rings ;;
	3)	_kvcctl_nodes "${words[2]}" ;;
	esac
}

_kvcctl_store()
{
	case ${#words[@]},${words[1]-} in
	1,*)	echo "stats get scan compact" ;;
	2,stats)
		;;
	2,*)	_kvcctl_caches ;;
	esac
}

_kvcctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local words choice

	_kvcctl_words
	if choice=$(_kvcctl_argument "$prev"); then
		:
	elif [[ $prev == -i || $prev == --input || $prev == -D ||
		$prev == --device || $prev == --from-file ||
		$prev == --socket ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	elif [[ $cur == -* ]]; then
		choice=$(_kvcctl_options "${words[0]-}")
	elif ((${#words[@]} == 0)); then
		choice="cache get put del touch scan load dump store stats
			monitor events purge fence ring node deferred heartbeat
			help"
	elif [[ ${words[0]} =~ ^(cache|ring|node|deferred|store)$ ]]; then
		choice=$("_kvcctl_${words[0]}")
	elif [[ ${words[0]} == monitor ]]; then
		choice=$(_kvcctl_caches)
	elif ((${#words[@]} == 1)); then
		choice=$(_kvcctl_caches)
	elif [[ ${words[0]} == load || ${words[0]} == dump ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$cur")
}

complete -F _kvcctl kvcctl
