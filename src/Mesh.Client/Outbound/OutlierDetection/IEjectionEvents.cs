using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Hears what outlier detection does. Called while the endpoint list is being changed.</summary>
internal interface IEjectionEvents
{
    /// <param name="endpoint">What is out of rotation.</param>
    /// <param name="reason">By which rule.</param>
    /// <param name="cause">In words.</param>
    /// <param name="length">Until it is tried again.</param>
    void Ejected(Endpoint endpoint, EjectionReason reason, string cause, TimeSpan length);

    void Readmitted(Endpoint endpoint);
}
