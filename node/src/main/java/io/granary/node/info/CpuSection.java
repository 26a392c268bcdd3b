package io.granary.node.info;

import io.granary.node.Machine;

/** {@code # CPU}: processor time of the process, in seconds. */
public final class CpuSection implements InfoSection {

    @Override
    public String heading() {
        return "CPU";
    }

    @Override
    public void write(InfoWriter out) {
        Machine.CpuTime time = Machine.cpuTime();
        out.decimal("used_cpu_sys", time.systemSeconds(), 6)
                .decimal("used_cpu_user", time.userSeconds(), 6)
                .decimal("used_cpu_sys_children", 0, 6)
                .decimal("used_cpu_user_children", 0, 6)
                .decimal("used_cpu_sys_main_thread", time.systemSeconds(), 6)
                .decimal("used_cpu_user_main_thread", time.userSeconds(), 6);
    }
}
