# Sourced by the launchers: where the distribution is, how it is built, which Java runs it.

# locate BIN: sets home (the checkout, or the distribution where it stands alone) and dist.
locate() {
    home=${1%/*}
    if [ -f "$home/pom.xml" ]; then
        dist=$home/target/dist
        [ -n "${GRANARY_NO_BUILD:-}" ] || build_if_needed
    else
        dist=$home
    fi
}

build_if_needed() {
    if [ ! -f "$dist/lib/built" ]; then
        build "building Granary, which takes a minute the first time"
    elif [ -n "$(find "$home/pom.xml" "$home"/*/pom.xml "$home"/*/src/main "$home"/bin "$home"/tools/src/assembly \
            -newer "$dist/lib/built" 2>/dev/null | head -n 1)" ]; then
        build "the sources have changed: building Granary"
    fi
}

# One build at a time: several nodes may be started at once in a fresh checkout.
build() {
    "$home/bin/jdk25" >/dev/null || exit 1
    mkdir -p "$home/target"
    lock=$home/target/build.lock
    if ! mkdir "$lock" 2>/dev/null; then
        builder=$(cat "$lock/pid" 2>/dev/null || echo none)
        while [ -d "$lock" ] && kill -0 "$builder" 2>/dev/null; do sleep 0.2; done
        [ -f "$dist/lib/built" ] && return
        rm -rf "$lock"
        mkdir "$lock" || { echo "granary: cannot build: $lock is in the way" >&2; exit 1; }
    fi
    echo $$ > "$lock/pid"
    trap 'rm -rf "$lock"' EXIT
    trap 'exit 130' INT TERM
    echo "granary: $1 (log: target/build.log)" >&2
    if ! (cd "$home" && ./mvnw -B -ntp -Dmaven.test.skip=true package) > "$home/target/build.log" 2>&1 </dev/null; then
        grep '^\[ERROR\]' "$home/target/build.log" | head -n 20 >&2
        echo "granary: the build failed: see target/build.log" >&2
        exit 1
    fi
    rm -rf "$lock"
    trap - EXIT INT TERM
}

# class_path FOLDER ...: the jars in them, in one order on every machine, as an AOT cache wants it.
class_path() {
    path=
    for folder in "$@"; do
        for jar in "$folder"/*.jar; do path=${path:+$path:}$jar; done
    done
    printf '%s' "$path"
}

# choose_java NAME: the runtime in the distribution, if it has one, else a Java 25 of the machine's. Sets java, and aot to the option that uses the AOT cache NAME; or makes it in the folder asked for.
# A cache serves only the very JDK that made it, so the JDK's release file is kept beside it.
choose_java() {
    if [ -x "$home/runtime/bin/java" ]; then
        java_home=$home/runtime
    else
        java_home=$("$home/bin/jdk25" --runtime) || exit 1
    fi
    java=$java_home/bin/java
    if [ -n "${GRANARY_AOT_OUTPUT:-}" ]; then
        aot=-XX:AOTCacheOutput=$GRANARY_AOT_OUTPUT/$1.aot
    elif [ -f "$dist/lib/$1.aot" ] && cmp -s "$java_home/release" "$dist/lib/aot.release"; then
        aot=-XX:AOTCache=$dist/lib/$1.aot
    elif [ -f "$dist/lib/granary-server.aot" ] && cmp -s "$java_home/release" "$dist/lib/aot.release"; then
        # a class path that begins with the server's may use its cache
        aot=-XX:AOTCache=$dist/lib/granary-server.aot
    else
        aot=-Xshare:auto
    fi
}
