#!/bin/sh
# Downloads Debian's cloud kernels for this processor, and unpacks what the time machine needs into the user's cache, where
# "labs timemachine" finds it. It installs nothing.
set -eu

arch=$(dpkg --print-architecture)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/socketlabs/kernels
got=0
for name in linux-image-cloud-$arch linux-image-6.12-cloud-$arch; do
	# These are metapackages, which depend on the package of the latest release.
	package=$(apt-cache depends "$name" 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
	if [ -z "$package" ]; then
		echo "kernels: there is no package $name here; after apt-get update there may be" >&2
		continue
	fi
	mkdir -p "$cache/$name"
	new=$(mktemp -d "$cache/.new-XXXXXX")
	trap 'rm -rf "$new"' EXIT
	(cd "$new" && apt-get download -q -o APT::Sandbox::User="$(id -un)" "$package")
	dpkg-deb --fsys-tarfile "$new"/*.deb |
		tar -x -C "$new" --wildcards './boot/vmlinuz-*' '*/inet_diag.ko*' '*/tcp_diag.ko*'
	rm "$new"/*.deb
	rm -rf "${cache:?}/$name"
	mv "$new" "$cache/$name"
	chmod 755 "$cache/$name"
	ls "$cache/$name"/boot/*
	got=$((got + 1))
done
[ "$got" -gt 0 ] || { echo "kernels: got none; give labs timemachine a --kernel FILE of your own" >&2; exit 1; }
