# Print what became of a job: running, success or failed.
#   status.sh ID
# It asks squeue, since many clusters have no accounting for sacct. A controller that does not answer says nothing
# about a job. One that has forgotten the job says that it ended: Snakemake then looks for its files.
state=$(squeue --noheader --states=all --format=%T --jobs="$1" 2>&1)
case $state in
COMPLETED | *"Invalid job id"* | "") echo success ;;
BOOT_FAIL | CANCELLED | DEADLINE | FAILED | NODE_FAIL | OUT_OF_MEMORY | PREEMPTED | REVOKED | TIMEOUT) echo failed ;;
*) echo running ;;
esac
