package io.granary.node.client;

import io.granary.slots.command.Command;
import java.net.InetAddress;

/**
 * What CLIENT LIST tells of a client. Written by the client's own event loop, read by any; each field stands alone, so a
 * reader may see a moment's mixture, never a torn value.
 */
public final class ClientProfile {

    private final String address;
    private final String localAddress;
    private final InetAddress host;
    private final int fd;
    private final long createdMs;

    private volatile String name = "";
    private volatile String libraryName = "";
    private volatile String libraryVersion = "";
    private volatile String user = "default";
    private volatile int protocol = 2;
    private volatile int database;
    private volatile boolean readOnly;
    private volatile boolean noTouch;
    private volatile boolean noEvict;
    private volatile boolean monitor;
    private volatile boolean unixSocket;
    private volatile int queued = -1;
    private volatile int watched;
    private long lastActiveMs;
    private Command<?> lastCommand;
    private long lastWriteOffset;

    /** {@code host}: where it connected from, null for a unix socket. */
    ClientProfile(String address, String localAddress, InetAddress host, int fd, long nowMs) {
        this.address = address;
        this.localAddress = localAddress;
        this.host = host;
        this.fd = fd;
        this.createdMs = nowMs;
        this.lastActiveMs = nowMs;
    }

    /** {@code ip:port} of the client. */
    public String address() {
        return address;
    }

    /** {@code ip:port} that it connected to. */
    public String localAddress() {
        return localAddress;
    }

    /** The address that the client connected from, null if it has none. */
    public InetAddress host() {
        return host;
    }

    /** Whether the client sits on this machine. */
    public boolean isLocal() {
        return unixSocket || host != null && host.isLoopbackAddress();
    }

    public int fd() {
        return fd;
    }

    public long createdMs() {
        return createdMs;
    }

    public String name() {
        return name;
    }

    public void name(String newName) {
        name = newName;
    }

    public String libraryName() {
        return libraryName;
    }

    public void libraryName(String newName) {
        libraryName = newName;
    }

    public String libraryVersion() {
        return libraryVersion;
    }

    public void libraryVersion(String version) {
        libraryVersion = version;
    }

    public String user() {
        return user;
    }

    public void user(String newUser) {
        user = newUser;
    }

    public int protocol() {
        return protocol;
    }

    void protocol(int version) {
        protocol = version;
    }

    public int database() {
        return database;
    }

    void database(int index) {
        database = index;
    }

    public boolean readOnly() {
        return readOnly;
    }

    void readOnly(boolean on) {
        readOnly = on;
    }

    public boolean noTouch() {
        return noTouch;
    }

    void noTouch(boolean on) {
        noTouch = on;
    }

    public boolean noEvict() {
        return noEvict;
    }

    public void noEvict(boolean on) {
        noEvict = on;
    }

    public boolean monitor() {
        return monitor;
    }

    void monitor(boolean on) {
        monitor = on;
    }

    public boolean unixSocket() {
        return unixSocket;
    }

    void unixSocket(boolean on) {
        unixSocket = on;
    }

    /** Commands queued in an open transaction, -1 when none is open. */
    public int queued() {
        return queued;
    }

    public void queued(int commands) {
        queued = commands;
    }

    public int watched() {
        return watched;
    }

    public void watched(int keys) {
        watched = keys;
    }

    public long lastActiveMs() {
        return lastActiveMs;
    }

    /** The command that the client called last, null before the first one and behind an unknown one. */
    public Command<?> lastCommand() {
        return lastCommand;
    }

    /** Notes a call, null for that of an unknown command; on the path of every command, so a plain store. */
    public void called(Command<?> command) {
        lastCommand = command;
    }

    /** Notes that the client has sent something. */
    public void active(long nowMs) {
        lastActiveMs = nowMs;
    }

    /** Where in the log the client's last write ends; 0 if it has written nothing that others are told. */
    public long lastWriteOffset() {
        return lastWriteOffset;
    }

    public void lastWriteOffset(long offset) {
        lastWriteOffset = offset;
    }
}
