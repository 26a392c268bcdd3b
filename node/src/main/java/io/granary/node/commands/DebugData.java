package io.granary.node.commands;

import io.granary.node.dispatch.NodeCall;
import io.granary.node.dispatch.NodeCondition;
import io.granary.node.log.NodeLog;
import io.granary.node.snapshot.Persistence;
import io.granary.slots.Slot;
import io.granary.slots.command.CommandException;
import io.granary.slots.command.Errors;
import io.granary.slots.keyspace.Keyspace;
import io.granary.slots.keyspace.SlotStore;
import java.io.IOException;
import java.util.Locale;

/** The sub-commands of DEBUG that look at all data, or put it through the file. They hold all locks meanwhile. */
final class DebugData {

    private final Persistence persistence;
    private final NodeCondition condition;
    private final NodeLog log;

    DebugData(Persistence persistence, NodeCondition condition, NodeLog log) {
        this.condition = condition;
        this.persistence = persistence;
        this.log = log;
    }

    void digest(NodeCall call) {
        Keyspace keyspace = call.keyspace();
        keyspace.lockAll();
        String digest;
        try {
            digest = new DatasetDigest().of(keyspace);
        } finally {
            keyspace.unlockAll();
        }
        call.reply().status(digest);
    }

    void digestValues(NodeCall call) {
        Keyspace keyspace = call.keyspace();
        call.reply().array(call.argc() - 2);
        for (int i = 2; i < call.argc(); i++) {
            var request = call.request();
            int slot = keyspace.clustered() ? Slot.of(request.bytes(), request.offset(i), request.length(i)) : 0;
            var lock = keyspace.lock(slot);
            lock.lock();
            try {
                SlotStore store = keyspace.store(call.database(), slot);
                long record = store.find(request.bytes(), request.offset(i), request.length(i), call.hash(i));
                call.reply().status(new DatasetDigest().ofValue(store, record));
            } finally {
                lock.unlock();
            }
        }
    }

    /** {@code RELOAD [MERGE] [NOFLUSH] [NOSAVE]}: saves the data, and reads it back from the file. */
    void reload(NodeCall call) {
        boolean merge = false;
        boolean flush = true;
        boolean save = true;
        for (int i = 2; i < call.argc(); i++) {
            switch (call.request().toText(i).toUpperCase(Locale.ROOT)) {
                case "MERGE" -> merge = true;
                case "NOFLUSH" -> flush = false;
                case "NOSAVE" -> save = false;
                default -> throw Errors.err("DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
            }
        }
        Keyspace keyspace = call.keyspace();
        keyspace.lockAll();
        try {
            if (save && !persistence.saves().saveHere()) {
                throw new CommandException("ERR");
            }
            persistence.loading().reload(condition.replica(), flush, merge);
        } catch (IOException failure) {
            log.warning("DEBUG RELOAD failed: " + failure.getMessage());
            throw Errors.err("Error trying to load the RDB dump, check server logs.");
        } finally {
            keyspace.unlockAll();
        }
        log.notice("DB reloaded by DEBUG RELOAD");
        call.reply().ok();
    }
}
