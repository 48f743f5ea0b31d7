namespace Mesh.Client.Simulation.Model;

internal enum JobState
{
    Waiting,
    Running,
    Ended,
}
