# Submit a job script, and print the job's id. A controller that does not answer is waited for.
#   submit.sh OPTIONS-OF-SBATCH SCRIPT
# Bars are for the terminal of the person who is watching: that is on another machine.
mkdir -p .snakemake/slurm
while ! said=$(sbatch --parsable --export=ALL,GENRATES_TERMINAL= --output=.snakemake/slurm/%j.log "$@" 2>&1); do
    case $said in
    *"Unable to contact slurm controller"*) echo "genrates: waiting for SLURM's controller" >&2 && sleep 30 ;;
    *) echo "$said" >&2 && exit 1 ;;
    esac
done
echo "$said" | tail -n 1
