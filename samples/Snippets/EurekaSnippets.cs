using Mesh.Client;

namespace Snippets;

internal static class EurekaSnippets
{
    // snippet: own-registration
    public sealed class Maintenance(IMeshRegistration registration)
    {
        public void Begin()
        {
            registration.SetStatus(InstanceStatus.OutOfService);
            registration.SetMetadata("maintenance", "since 10:00");
        }

        public void End()
        {
            registration.SetMetadata("maintenance", null);
            registration.SetStatus(InstanceStatus.Up);
        }
    }
    // end
}
