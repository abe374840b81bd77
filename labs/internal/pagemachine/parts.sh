#!/bin/sh
# Downloads the parts of the machine of a page into the user's cache, where "labs site" finds them: v86 from npm, in the version
# of the lock file beside this script; a BIOS and a 32-bit kernel from Debian's packages, whose signed checksums apt verifies. It
# installs nothing, and does not change the package lists of the system's apt.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/socketlabs/pagemachine
mkdir -p "$cache"
new=$(mktemp -d "$cache/.new-XXXXXX")
trap 'rm -rf "$new"' EXIT

cp "$here/package.json" "$here/package-lock.json" "$new"
npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$new"

mkdir -p "$new/lists/partial" "$new/archives/partial"
i386() {
	command=$1
	shift
	"$command" -q -o APT::Architecture=i386 -o APT::Architectures::=i386 -o Dir::State::lists="$new/lists" \
		-o Dir::Cache="$new" -o APT::Sandbox::User="$(id -un)" "$@"
}
i386 apt-get update >"$new/update" 2>&1 || true # repositories of others may have nothing for i386
image=$(i386 apt-cache depends linux-image-686 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
[ -n "$image" ] || { cat "$new/update" >&2; echo "machine: there is no package linux-image-686 here; Debian 12 has one" >&2; exit 1; }
(cd "$new" && i386 apt-get download "$image" seabios >/dev/null)
mkdir "$new/tree"
dpkg-deb --fsys-tarfile "$new"/linux-image-*.deb |
	tar -x -C "$new/tree" --wildcards './boot/vmlinuz-*' '*/inet_diag.ko' '*/tcp_diag.ko'
dpkg-deb --fsys-tarfile "$new"/seabios_*.deb | tar -x -C "$new/tree" ./usr/share/seabios/bios.bin

rm -rf "$cache/parts"
mkdir "$cache/parts"
mv "$new/node_modules/v86/build/libv86.mjs" "$new/node_modules/v86/build/v86.wasm" "$new/tree/usr/share/seabios/bios.bin" \
	"$new"/tree/boot/vmlinuz-* "$cache/parts"
find "$new/tree" -name '*.ko' -exec mv {} "$cache/parts" \;
ls "$cache/parts"
